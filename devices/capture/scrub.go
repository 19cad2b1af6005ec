package capture

import (
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const removed = "removed"

// scrubber takes identities out of texts. Those that join facts get numbers in the order in which they are met, the same for
// the same identity wherever it stands.
type scrubber struct {
	// uuids are the numbers of identities in their 8-4-4-4-12 form, gpus of AMD's 64-bit ones, long of other hexadecimal ones,
	// groups of parts of the paths of control groups.
	uuids, gpus, long, groups map[string]int
	// words are names of this machine.
	words *regexp.Regexp
}

// commonNames are names of hosts and users that say nothing, and that texts have for other reasons.
var commonNames = []string{"localhost", "localdomain", "linux", "ubuntu", "debian", "fedora", "host", "neuron", "nvidia", "root", "user",
	"admin", "ec2-user", "azureuser", "runner", "nobody", "cuda", "driver", "kernel", "memory", "power", "docker", "google", "amazon"}

// newScrubber also takes out the given names, but for short and common ones.
func newScrubber(names []string) *scrubber {
	s := &scrubber{uuids: map[string]int{}, gpus: map[string]int{}, long: map[string]int{}, groups: map[string]int{}}
	var words []string
	for _, n := range names {
		if len(n) >= 4 && !slices.Contains(commonNames, strings.ToLower(n)) {
			words = append(words, regexp.QuoteMeta(n))
		}
	}
	if len(words) > 0 {
		// The longer name first: a host's full name before its first part.
		slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
		s.words = regexp.MustCompile(`(?i)\b(?:` + strings.Join(words, "|") + `)\b`)
	}
	return s
}

const uuidPattern = `[0-9a-fA-F]{8}[-_][0-9a-fA-F]{4}[-_][0-9a-fA-F]{4}[-_][0-9a-fA-F]{4}[-_][0-9a-fA-F]{12}`

var (
	// secretKeys are members of JSON objects, or names before a colon, whose values are dropped.
	secretKeys = regexp.MustCompile(`(?i)"([^"]*(?:serial|instance.?id|instance.?name|ami.?id|subnet|vpc|account|host.?name|command|address|fru|unique.?id|asset|owner|tag)[^"]*)"(\s*:\s*)("(?:[^"\\]|\\.)*"|-?[0-9.]+|\[[^\[\]{}]*\])`)
	// keptKeys are of them those that say something else.
	keptKeys = regexp.MustCompile(`(?i)pci_?address|location|^bdf$`)
	pidKey   = regexp.MustCompile(`"(pid)"(\s*:\s*)[0-9]+`)
	// processLine is what rocm-smi tells of a process, by its number.
	processLine = regexp.MustCompile(`"PID ?[0-9]+"(\s*:\s*)"(?:[^"\\]|\\.)*"`)
	// Without bounds: Kubernetes writes "pod" right before the identity.
	uuid       = regexp.MustCompile(uuidPattern)
	uniqueLine = regexp.MustCompile(`(?m)^unique_id ([0-9]+)$`)
	amdUUID    = regexp.MustCompile(`\bGPU-([0-9a-fA-F]{16})\b`)
	cloudID    = regexp.MustCompile(`\b(i|ami|subnet|vpc|eni|sg|vol|acl|rtb|igw|snap|eipalloc)-[0-9a-f]{6,}\b`)
	mac        = regexp.MustCompile(`\b[0-9a-fA-F]{2}(?:[:-][0-9a-fA-F]{2}){5}\b`)
	ipv6       = regexp.MustCompile(`(?i)\b[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){7}\b|\b[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){0,6}::(?:[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){0,6})?\b`)
	// A version that looks like an address stays where its key says so.
	ipv4    = regexp.MustCompile(`"[^"]*(?i:version|release)[^"]*"\s*:\s*"[^"]*"|\b[0-9]{1,3}(?:\.[0-9]{1,3}){3}\b`)
	longHex = regexp.MustCompile(`\b[0-9a-fA-F]{32,}\b`)
	homes   = regexp.MustCompile(`(/(?:home|Users)/)[^/\s"':;,]+`)
	serials = regexp.MustCompile(`(?im)^([^:"\n]*serial[^:"\n]*:).*$`)
	// Clouds name hosts after their addresses.
	hostIP = regexp.MustCompile(`\bip-[0-9]{1,3}(?:-[0-9]{1,3}){3}\b`)
)

// metadataIP is the address of every cloud's metadata service, which identifies nobody.
const metadataIP = "169.254.169.254"

func number(in map[string]int, id string) int {
	n, known := in[id]
	if !known {
		n = len(in) + 1
		in[id] = n
	}
	return n
}

// text takes identities out of a text in which no version looks like an address.
func (s *scrubber) text(text string) string {
	text = ipv4.ReplaceAllStringFunc(s.named(text), func(m string) string {
		if m == metadataIP || m[0] == '"' {
			return m
		}
		return "0.0.0.0"
	})
	return text
}

// named takes out everything but addresses of version 4.
func (s *scrubber) named(text string) string {
	text = secretKeys.ReplaceAllStringFunc(text, func(m string) string {
		parts := secretKeys.FindStringSubmatch(m)
		if keptKeys.MatchString(parts[1]) {
			return m
		}
		value := `"` + removed + `"`
		switch {
		case parts[3][0] == '[':
			value = "[]"
		case parts[1] == "command" || parts[3] == `""`:
			value = `""`
		case parts[3][0] != '"':
			value = "0"
		}
		return `"` + parts[1] + `"` + parts[2] + value
	})
	text = pidKey.ReplaceAllString(text, `"$1"${2}0`)
	text = processLine.ReplaceAllString(text, `"PID0"${1}"`+removed+`"`)
	text = uuid.ReplaceAllStringFunc(text, func(m string) string {
		dashed := strings.ToLower(strings.ReplaceAll(m, "_", "-"))
		out := fmt.Sprintf("00000000-0000-0000-0000-%012d", number(s.uuids, dashed))
		if strings.Contains(m, "_") {
			out = strings.ReplaceAll(out, "-", "_")
		}
		return out
	})
	text = uniqueLine.ReplaceAllStringFunc(text, func(m string) string {
		n, err := strconv.ParseUint(m[len("unique_id "):], 10, 64)
		if err != nil || n == 0 {
			return "unique_id 0"
		}
		return fmt.Sprintf("unique_id %d", number(s.gpus, fmt.Sprintf("%016x", n)))
	})
	text = amdUUID.ReplaceAllStringFunc(text, func(m string) string {
		return fmt.Sprintf("GPU-%016x", number(s.gpus, strings.ToLower(m[len("GPU-"):])))
	})
	text = cloudID.ReplaceAllString(text, "$1-00000000")
	text = mac.ReplaceAllString(text, "00:00:00:00:00:00")
	text = ipv6.ReplaceAllString(text, "::")
	text = longHex.ReplaceAllStringFunc(text, func(m string) string {
		return fmt.Sprintf("%0*d", len(m), number(s.long, strings.ToLower(m)))
	})
	text = homes.ReplaceAllString(text, "${1}user")
	text = serials.ReplaceAllString(text, "$1 "+removed)
	text = hostIP.ReplaceAllString(text, "ip-0-0-0-0")
	if s.words != nil {
		text = s.words.ReplaceAllString(text, "host")
	}
	return text
}

// versioned are the files with versions that may look like addresses.
var versioned = []string{"sys/module/*/version", "proc/sys/kernel/osrelease", "etc/os-release", "usr/lib/os-release", "sys/class/dmi/id/*_version"}

// identifying are the names of files that hold nothing but an identity.
var identifying = regexp.MustCompile(`(?i)serial|uuid|machine-id|board_asset_tag|product_sku|hostname|boot_id`)

// knownTags are chassis tags that name a cloud; others name a machine.
var knownTags = []string{"7783-7084-3265-9085-8269-3286-77", "OracleCloud.com"}

// allowedLines are what detection reads of a process: the CPUs and memories that it may use, and nothing of who it is.
var allowedLines = regexp.MustCompile(`(?m)^(?:Cpus|Mems)_allowed(?:_list)?:.*$`)

// file takes identities out of the content of a file.
func (s *scrubber) file(name string, data []byte) []byte {
	text := strings.ToValidUTF8(string(data), "?")
	base := path.Base(name)
	switch {
	case identifying.MatchString(base):
		return []byte(removed + "\n")
	case base == "chassis_asset_tag":
		if !slices.Contains(knownTags, strings.TrimSpace(text)) {
			return []byte(removed + "\n")
		}
		return data
	case name == "proc/self/cgroup":
		return []byte(s.memberships(text))
	case name == "proc/self/status":
		return []byte(strings.Join(allowedLines.FindAllString(text, -1), "\n") + "\n")
	}
	for _, pattern := range versioned {
		if match, _ := path.Match(pattern, name); match {
			return []byte(s.named(text))
		}
	}
	return []byte(s.text(text))
}

// freeTexts are variables in which people write what they like. That they are set is kept.
var freeTexts = []string{"NEURON_PROCESS_TAG", "KUBERNETES_SERVICE_HOST"}

// variable takes identities out of a variable. Beginnings of UUIDs, as lists of visible devices have them, become the whole
// numbered identity, so that they still name what they named; the identities must have been met before.
func (s *scrubber) variable(name, value string) string {
	if slices.Contains(freeTexts, name) && value != "" {
		return removed
	}
	entries := strings.Split(value, ",")
	for i, e := range entries {
		word := strings.TrimSpace(e)
		entries[i] = s.text(e)
		for _, kind := range []string{"GPU-", "MIG-"} {
			id, is := strings.CutPrefix(word, kind)
			if is && !uuid.MatchString(word) && !amdUUID.MatchString(word) {
				entries[i] = kind + s.begun(strings.ToLower(id))
			}
		}
	}
	return strings.Join(entries, ",")
}

// begun is the numbered identity of which only the beginning is known. One that fits none, or several, still does.
func (s *scrubber) begun(prefix string) string {
	var fits []string
	for id, n := range s.uuids {
		if strings.HasPrefix(id, prefix) {
			fits = append(fits, fmt.Sprintf("00000000-0000-0000-0000-%012d", n))
		}
	}
	for id, n := range s.gpus {
		if strings.HasPrefix(id, prefix) {
			fits = append(fits, fmt.Sprintf("%016x", n))
		}
	}
	switch len(fits) {
	case 0:
		return "ffffffff"
	case 1:
		return fits[0]
	}
	return "0000"
}

// request keeps of the answers of metadata services what detection takes from them.
func (s *scrubber) request(r Request) Request {
	body := ""
	switch {
	case strings.HasSuffix(r.URL, "/api/token") && r.Body != "":
		body = "token"
	case strings.HasSuffix(r.URL, "/dynamic/instance-identity/document"):
		var document map[string]any
		if json.Unmarshal([]byte(r.Body), &document) == nil {
			kept := map[string]any{}
			for _, key := range []string{"instanceType", "region", "availabilityZone"} {
				if v, ok := document[key].(string); ok {
					kept[key] = v
				}
			}
			text, _ := json.Marshal(kept) // texts alone, which cannot fail
			body = string(text)
		}
	case strings.HasSuffix(r.URL, "/meta-data/instance-life-cycle"), strings.HasSuffix(r.URL, "/attributes/accelerator-type"):
		body = s.text(r.Body)
	}
	r.Body, r.Error, r.URL = body, s.text(r.Error), s.text(r.URL)
	return r
}
