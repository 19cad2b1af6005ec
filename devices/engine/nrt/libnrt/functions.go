package libnrt

// function is the index of a function in functions.
type function int

// The functions in use. From fnVisibleCores on they may be missing.
const (
	fnInit function = iota
	fnClose
	fnVersion
	fnLoad
	fnUnload
	fnTensorInfo
	fnFreeTensorInfo
	fnNewSet
	fnFreeSet
	fnAddToSet
	fnNewTensor
	fnFreeTensor
	fnWrite
	fnRead
	fnExecute
	fnVisibleCores
	fnInstance
	fnMemory
	fnStatusText
	functionCount
)

// names are the C functions.
func names() [functionCount]string {
	return [functionCount]string{
		fnInit: "nrt_init", fnClose: "nrt_close", fnVersion: "nrt_get_version", fnLoad: "nrt_load", fnUnload: "nrt_unload",
		fnTensorInfo: "nrt_get_model_tensor_info", fnFreeTensorInfo: "nrt_free_model_tensor_info",
		fnNewSet: "nrt_allocate_tensor_set", fnFreeSet: "nrt_destroy_tensor_set", fnAddToSet: "nrt_add_tensor_to_tensor_set",
		fnNewTensor: "nrt_tensor_allocate", fnFreeTensor: "nrt_tensor_free", fnWrite: "nrt_tensor_write", fnRead: "nrt_tensor_read",
		fnExecute: "nrt_execute", fnVisibleCores: "nrt_get_visible_vnc_count", fnInstance: "nrt_get_instance_info",
		fnMemory: "nrt_get_vnc_memory_stats", fnStatusText: "nrt_get_status_as_str",
	}
}

func (f function) String() string { return names()[f] }

// optional tells functions that older releases may lack.
func (f function) optional() bool { return f >= fnVisibleCores }
