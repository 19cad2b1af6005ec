package bench

import (
	"regexp"
	"slices"

	"github.com/accelbench/accelbench/devices"
)

// lastingID is the identity of a GPU or a slice, or its beginning, as lists of visible devices have it.
var lastingID = regexp.MustCompile(`\b(GPU|MIG)-(?:GPU-)?[0-9a-fA-F][0-9a-fA-F-]{3,}(?:/[0-9]+/[0-9]+)?`)

func withoutID(text string) string { return lastingID.ReplaceAllString(text, "$1-...") }

// withoutIdentities takes out of a result what tells one GPU from all others of its kind: results are published, and engines have
// found the device by then.
func (r *Result) withoutIdentities() {
	r.Device.UUID, r.Device.Hidden = "", withoutID(r.Device.Hidden)
	r.Device.Details, r.Engine.Details = detailsWithoutID(r.Device.Details), detailsWithoutID(r.Engine.Details)
	r.Reason = withoutID(r.Reason)
	r.Validity.Reasons = slices.Clone(r.Validity.Reasons)
	for i := range r.Validity.Reasons {
		r.Validity.Reasons[i] = withoutID(r.Validity.Reasons[i])
	}
	r.PassedOver = slices.Clone(r.PassedOver)
	for i := range r.PassedOver {
		r.PassedOver[i].Reason = withoutID(r.PassedOver[i].Reason)
	}
}

func detailsWithoutID(details []devices.Detail) []devices.Detail {
	details = slices.Clone(details)
	for i := range details {
		if text, ok := details[i].Value.(string); ok {
			details[i].Value = withoutID(text)
		}
	}
	return details
}
