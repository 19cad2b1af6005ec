//go:build !noort && ((linux && !android) || (darwin && !ios) || windows) && (amd64 || arm64)

package ort

// apiVersion is the version of the table that Open asks for, and oldestMinor the first 1.x that has it.
const (
	apiVersion  = 23
	oldestMinor = 23
)

// slot is the index of a function in OrtApi, a table that only grows at its end.
type slot int

// The functions in use; the names are the C API's.
const (
	slotGetErrorCode                                      slot = 1
	slotGetErrorMessage                                   slot = 2
	slotCreateEnv                                         slot = 3
	slotCreateSession                                     slot = 7
	slotRun                                               slot = 9
	slotCreateSessionOptions                              slot = 10
	slotSetSessionExecutionMode                           slot = 13
	slotEnableProfiling                                   slot = 14
	slotSetSessionGraphOptimizationLevel                  slot = 23
	slotSetIntraOpNumThreads                              slot = 24
	slotSetInterOpNumThreads                              slot = 25
	slotSessionGetInputCount                              slot = 30
	slotSessionGetOutputCount                             slot = 31
	slotSessionGetOutputTypeInfo                          slot = 34
	slotSessionGetInputName                               slot = 36
	slotSessionGetOutputName                              slot = 37
	slotCreateRunOptions                                  slot = 39
	slotRunOptionsSetTerminate                            slot = 46
	slotRunOptionsUnsetTerminate                          slot = 47
	slotCreateTensorAsOrtValue                            slot = 48
	slotCreateTensorWithDataAsOrtValue                    slot = 49
	slotIsTensor                                          slot = 50
	slotGetTensorMutableData                              slot = 51
	slotCastTypeInfoToTensorInfo                          slot = 55
	slotGetTensorElementType                              slot = 60
	slotGetDimensionsCount                                slot = 61
	slotGetDimensions                                     slot = 62
	slotGetTensorTypeAndShape                             slot = 65
	slotCreateMemoryInfo                                  slot = 68
	slotAllocatorFree                                     slot = 76
	slotGetAllocatorWithDefaultOptions                    slot = 78
	slotReleaseStatus                                     slot = 93
	slotReleaseMemoryInfo                                 slot = 94
	slotReleaseSession                                    slot = 95
	slotReleaseValue                                      slot = 96
	slotReleaseRunOptions                                 slot = 97
	slotReleaseTypeInfo                                   slot = 98
	slotReleaseTensorTypeAndShapeInfo                     slot = 99
	slotReleaseSessionOptions                             slot = 100
	slotSessionEndProfiling                               slot = 110
	slotGetAvailableProviders                             slot = 125
	slotReleaseAvailableProviders                         slot = 126
	slotAddSessionConfigEntry                             slot = 130
	slotCreateAllocator                                   slot = 131
	slotReleaseAllocator                                  slot = 132
	slotRunWithBinding                                    slot = 133
	slotCreateIoBinding                                   slot = 134
	slotReleaseIoBinding                                  slot = 135
	slotBindInput                                         slot = 136
	slotBindOutput                                        slot = 137
	slotSessionOptionsAppendExecutionProvider_TensorRT_V2 slot = 170
	slotCreateTensorRTProviderOptions                     slot = 171
	slotUpdateTensorRTProviderOptions                     slot = 172
	slotReleaseTensorRTProviderOptions                    slot = 174
	slotSynchronizeBoundInputs                            slot = 202
	slotSynchronizeBoundOutputs                           slot = 203
	slotSessionOptionsAppendExecutionProvider_CUDA_V2     slot = 204
	slotCreateCUDAProviderOptions                         slot = 205
	slotUpdateCUDAProviderOptions                         slot = 206
	slotReleaseCUDAProviderOptions                        slot = 208
)
