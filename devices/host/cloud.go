package host

import (
	"context"
	"io/fs"
	"regexp"
	"strings"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/host/sysfiles"
)

// Cloud is the rented instance that a result was measured on; null is unknown.
type Cloud struct {
	// Provider is aws, gcp, azure, oci, alibaba or what the user said.
	Provider         *string `json:"provider"`
	InstanceType     *string `json:"instance_type"`
	Region           *string `json:"region"`
	AvailabilityZone *string `json:"availability_zone"`
	// Market is how the instance is paid for, in the provider's words: on-demand, spot, scheduled, capacity-block. The
	// metadata service calls an instance on-demand also when a reservation or a savings plan pays for it.
	Market *string `json:"market"`
	// Sources names where each known field came from: flag, dmi or imds.
	Sources map[string]string `json:"sources,omitempty"`
}

// Flags are what the user says about the instance; empty means not said. They win over what is detected.
type Flags struct {
	Provider, InstanceType, Region, Market string
}

// The values of Cloud.Sources.
const (
	sourceFlag = "flag"
	sourceDMI  = "dmi"
	sourceIMDS = "imds"
)

// dmi holds the few identity fields of the firmware's tables that name a product. Serial numbers, UUIDs and
// board_asset_tag (the instance id on AWS) are not read at all.
type dmi struct {
	vendor, product, biosVendor, biosVersion, chassisTag string
}

func readDMI(fsys fs.FS) dmi {
	field := func(name string) string {
		text, _ := sysfiles.Text(fsys, "sys/class/dmi/id/"+name)
		return text
	}
	return dmi{field("sys_vendor"), field("product_name"), field("bios_vendor"), field("bios_version"), field("chassis_asset_tag")}
}

// azureTag is the chassis asset tag of every Azure machine; Hyper-V elsewhere lacks it.
const azureTag = "7783-7084-3265-9085-8269-3286-77"

// provider names the cloud by the firmware's tables; empty if none is recognised. For Lambda, CoreWeave, Nebius, Crusoe,
// RunPod and Vast no dependable mark is known, so that they need the flag.
func (d dmi) provider() string {
	switch {
	case d.vendor == "Amazon EC2" || d.biosVendor == "Amazon EC2":
		return "aws"
	case d.vendor == "Xen" && strings.Contains(strings.ToLower(d.biosVendor+" "+d.biosVersion), "amazon"):
		return "aws"
	case d.vendor == "Google" && d.product == "Google Compute Engine":
		return "gcp"
	case d.chassisTag == azureTag:
		return "azure"
	case d.chassisTag == "OracleCloud.com":
		return "oci"
	case d.vendor == "Alibaba Cloud":
		return "alibaba"
	}
	return ""
}

// What a name of an instance type, region, zone or market looks like; anything else is not passed on. An AWS instance id
// (i-0abc) and an image id do not look like a type, which has a dot.
var (
	awsType = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}\.[a-z0-9-]{1,31}$`)
	awsWord = regexp.MustCompile(`^[a-z][a-z0-9-]{1,39}$`)
)

func readCloud(ctx context.Context, m devices.Machine, flags Flags, inContainer bool) (Cloud, []devices.Problem) {
	var c Cloud
	c.set(sourceFlag, "provider", &c.Provider, strings.ToLower(flags.Provider))
	c.set(sourceFlag, "instance_type", &c.InstanceType, flags.InstanceType)
	c.set(sourceFlag, "region", &c.Region, flags.Region)
	c.set(sourceFlag, "market", &c.Market, flags.Market)

	d := readDMI(m.FS)
	provider := d.provider()
	if provider == "" || flags.Provider != "" && *c.Provider != provider {
		return c, nil // what this machine's tables or metadata say does not belong to the cloud that the user named
	}
	c.set(sourceDMI, "provider", &c.Provider, provider)
	if provider != "aws" {
		return c, nil
	}
	if awsType.MatchString(d.product) {
		c.set(sourceDMI, "instance_type", &c.InstanceType, d.product)
	}
	if c.InstanceType != nil && c.Region != nil && c.Market != nil {
		return c, nil // nothing left that is worth a request
	}
	if m.HTTP == nil || m.Getenv != nil && strings.EqualFold(m.Getenv("AWS_EC2_METADATA_DISABLED"), "true") {
		return c, nil
	}
	id, err := readIMDS(ctx, m.HTTP)
	c.set(sourceIMDS, "instance_type", &c.InstanceType, id.instanceType)
	c.set(sourceIMDS, "region", &c.Region, id.region)
	c.set(sourceIMDS, "availability_zone", &c.AvailabilityZone, id.zone)
	c.set(sourceIMDS, "market", &c.Market, id.market)
	if err != nil {
		return c, []devices.Problem{imdsProblem(err, inContainer)}
	}
	return c, nil
}

// set fills a field that is still unknown, so that the first source wins.
func (c *Cloud) set(source, name string, dst **string, value string) {
	if value == "" || *dst != nil {
		return
	}
	*dst = &value
	if c.Sources == nil {
		c.Sources = map[string]string{}
	}
	c.Sources[name] = source
}
