package host_test

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/host"
)

func tree(files map[string]string) fstest.MapFS {
	t := fstest.MapFS{}
	for name, text := range files {
		t[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o444}
	}
	return t
}

// firmware is a tree with DMI tables, with the fields beside them that identify one machine.
func firmware(fields map[string]string) fstest.MapFS {
	files := map[string]string{
		"proc/sys/kernel/hostname":           "secret-hostname",
		"etc/hostname":                       "secret-hostname",
		"sys/class/dmi/id/product_uuid":      "ec2secretuuid",
		"sys/class/dmi/id/product_serial":    "ec2secretserial",
		"sys/class/dmi/id/board_asset_tag":   "i-0secret1234567890",
		"sys/class/dmi/id/board_serial":      "secretboard",
		"sys/class/dmi/id/chassis_serial":    "secretchassis",
		"sys/hypervisor/uuid":                "ec2secretxen",
		"var/lib/cloud/data/instance-id":     "i-0secret1234567890",
		"var/lib/cloud/data/previous-hostid": "secret",
	}
	for name, value := range fields {
		files["sys/class/dmi/id/"+name] = value + "\n"
	}
	return tree(files)
}

func nitro(product string) fstest.MapFS {
	return firmware(map[string]string{"sys_vendor": "Amazon EC2", "bios_vendor": "Amazon EC2", "product_name": product})
}

func deref(s *string) string {
	if s == nil {
		return "null"
	}
	return *s
}

func TestProviderByFirmware(t *testing.T) {
	for _, tc := range []struct {
		name               string
		fs                 fs.FS
		provider, instance string
		virtualization     string
	}{
		{name: "AWS Nitro", fs: nitro("m5.large"), provider: "aws", instance: "m5.large", virtualization: "nitro"},
		{name: "AWS p5", fs: nitro("p5.48xlarge"), provider: "aws", instance: "p5.48xlarge", virtualization: "nitro"},
		{name: "AWS high memory", fs: nitro("u-6tb1.112xlarge"), provider: "aws", instance: "u-6tb1.112xlarge", virtualization: "nitro"},
		{name: "AWS metal", fs: nitro("c7g.metal"), provider: "aws", instance: "c7g.metal", virtualization: "none"},
		{name: "AWS Nitro with an odd product", fs: nitro("i-0secret1234567890"), provider: "aws", instance: "null", virtualization: "nitro"},
		{name: "AWS Xen", fs: firmware(map[string]string{"sys_vendor": "Xen", "product_name": "HVM domU", "bios_vendor": "Xen", "bios_version": "4.11.amazon"}), provider: "aws", instance: "null", virtualization: "xen"},
		{name: "Xen elsewhere", fs: firmware(map[string]string{"sys_vendor": "Xen", "product_name": "HVM domU", "bios_version": "4.11"}), provider: "null", instance: "null", virtualization: "xen"},
		{name: "GCP", fs: firmware(map[string]string{"sys_vendor": "Google", "product_name": "Google Compute Engine"}), provider: "gcp", instance: "null", virtualization: "kvm"},
		{name: "Azure", fs: firmware(map[string]string{"sys_vendor": "Microsoft Corporation", "product_name": "Virtual Machine", "chassis_asset_tag": "7783-7084-3265-9085-8269-3286-77"}), provider: "azure", instance: "null", virtualization: "hyperv"},
		{name: "Hyper-V", fs: firmware(map[string]string{"sys_vendor": "Microsoft Corporation", "product_name": "Virtual Machine", "chassis_asset_tag": "1234"}), provider: "null", instance: "null", virtualization: "hyperv"},
		{name: "OCI", fs: firmware(map[string]string{"sys_vendor": "QEMU", "chassis_asset_tag": "OracleCloud.com"}), provider: "oci", instance: "null", virtualization: "kvm"},
		{name: "Alibaba", fs: firmware(map[string]string{"sys_vendor": "Alibaba Cloud", "product_name": "Alibaba Cloud ECS"}), provider: "alibaba", instance: "null", virtualization: "null"},
		{name: "unknown KVM", fs: firmware(map[string]string{"sys_vendor": "QEMU", "product_name": "Standard PC (Q35 + ICH9, 2009)"}), provider: "null", instance: "null", virtualization: "kvm"},
		{name: "a workstation", fs: firmware(map[string]string{"sys_vendor": "LENOVO", "product_name": "30C0S00A00"}), provider: "null", instance: "null", virtualization: "null"},
		{name: "no DMI", fs: fstest.MapFS{}, provider: "null", instance: "null", virtualization: "null"},
		{name: "no files", fs: nil, provider: "null", instance: "null", virtualization: "null"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h, c, problems := host.Read(t.Context(), devices.Machine{FS: tc.fs}, host.Flags{})
			require.Empty(t, problems)
			require.Equal(t, tc.provider, deref(c.Provider))
			require.Equal(t, tc.instance, deref(c.InstanceType))
			require.Equal(t, tc.virtualization, deref(h.Virtualization))
			require.Nil(t, c.Region)
			require.Nil(t, c.Market)
			requireNoSecrets(t, h, c, problems)
		})
	}
}

// requireNoSecrets is the privacy rule: nothing of what the trees and the identity document know about one machine.
func requireNoSecrets(t *testing.T, values ...any) {
	t.Helper()
	text, err := json.Marshal(values)
	require.NoError(t, err)
	for _, word := range []string{"secret", "123456789012", "ami-", "i-0", "10.0.0.7", "aki-"} {
		require.NotContains(t, string(text), word)
	}
}

const identityDocument = `{
  "accountId" : "123456789012", "architecture" : "x86_64", "availabilityZone" : "us-east-1d", "billingProducts" : null,
  "devpayProductCodes" : null, "marketplaceProductCodes" : null, "imageId" : "ami-0secretimage", "instanceId" : "i-0secret1234567890",
  "instanceType" : "p5.48xlarge", "kernelId" : "aki-secret", "pendingTime" : "2026-01-02T03:04:05Z", "privateIp" : "10.0.0.7",
  "ramdiskId" : null, "region" : "us-east-1", "version" : "2017-09-30" }`

// metadata is the AWS service: it answers only with its token.
func metadata(lifeCycle string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /latest/api/token", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-aws-ec2-metadata-token-ttl-seconds") != "60" || r.Header.Get("X-Forwarded-For") != "" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		_, _ = w.Write([]byte("AQAEAsecrettoken=="))
	})
	answer := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("X-aws-ec2-metadata-token") != "AQAEAsecrettoken==" {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			_, _ = w.Write([]byte(text))
		}
	}
	mux.HandleFunc("GET /latest/dynamic/instance-identity/document", answer(identityDocument))
	mux.HandleFunc("GET /latest/meta-data/instance-life-cycle", answer(lifeCycle))
	return mux
}

// toServer sends what is meant for the link-local address to a test server.
type toServer struct {
	client *http.Client
	url    *url.URL
	calls  int
}

func serve(t *testing.T, h http.Handler) *toServer {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	require.NoError(t, err)
	return &toServer{client: host.NewHTTPClient(), url: u}
}

func (s *toServer) Do(r *http.Request) (*http.Response, error) {
	s.calls++
	if r.URL.Host != "169.254.169.254" {
		return nil, errors.New("not the metadata service: " + r.URL.Host)
	}
	r = r.Clone(r.Context())
	r.URL.Host = s.url.Host
	return s.client.Do(r)
}

func env(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func TestMetadataOnAWS(t *testing.T) {
	m := devices.Machine{FS: firmware(map[string]string{"sys_vendor": "Xen", "bios_version": "4.11.amazon"}), HTTP: serve(t, metadata("spot")), Getenv: env()}
	h, c, problems := host.Read(t.Context(), m, host.Flags{})
	require.Empty(t, problems)
	text, err := json.Marshal(c)
	require.NoError(t, err)
	require.JSONEq(t, `{"provider":"aws","instance_type":"p5.48xlarge","region":"us-east-1","availability_zone":"us-east-1d","market":"spot",
		"sources":{"provider":"dmi","instance_type":"imds","region":"imds","availability_zone":"imds","market":"imds"}}`, string(text))
	requireNoSecrets(t, h, c, problems)
}

func TestFlagsWin(t *testing.T) {
	m := devices.Machine{FS: nitro("m5.large"), HTTP: serve(t, metadata("on-demand"))}
	_, c, _ := host.Read(t.Context(), m, host.Flags{Provider: "AWS", InstanceType: "m5.xlarge", Market: "reserved"})
	require.Equal(t, "aws", *c.Provider)
	require.Equal(t, "m5.xlarge", *c.InstanceType)
	require.Equal(t, "reserved", *c.Market)
	require.Equal(t, "us-east-1", *c.Region)
	require.Equal(t, map[string]string{"provider": "flag", "instance_type": "flag", "market": "flag", "region": "imds", "availability_zone": "imds"}, c.Sources)

	_, c, _ = host.Read(t.Context(), devices.Machine{FS: nitro("m5.large")}, host.Flags{Provider: "coreweave"})
	require.Equal(t, "coreweave", *c.Provider)
	require.Nil(t, c.InstanceType, "the type that Amazon's tables name is none of that cloud's")
}

func TestNetworkIsUsedOnlyWhereItHelps(t *testing.T) {
	gcp := firmware(map[string]string{"sys_vendor": "Google", "product_name": "Google Compute Engine"})
	for name, tc := range map[string]struct {
		fs    fs.FS
		env   func(string) string
		flags host.Flags
	}{
		"no DMI":       {fs: fstest.MapFS{}},
		"not AWS":      {fs: gcp},
		"forbidden":    {fs: nitro("m5.large"), env: env("AWS_EC2_METADATA_DISABLED", "true")},
		"all said":     {fs: nitro("m5.large"), flags: host.Flags{Region: "eu-west-1", Market: "spot"}},
		"other cloud":  {fs: nitro("m5.large"), flags: host.Flags{Provider: "gcp"}},
		"named by AWS": {fs: fstest.MapFS{}, flags: host.Flags{Provider: "aws"}},
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, metadata("spot"))
			_, _, problems := host.Read(t.Context(), devices.Machine{FS: tc.fs, HTTP: server, Getenv: tc.env}, tc.flags)
			require.Empty(t, problems)
			require.Zero(t, server.calls)
		})
	}
}

func TestBadAnswers(t *testing.T) {
	answer := func(status int, text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://169.254.169.254/elsewhere")
			w.WriteHeader(status)
			_, _ = w.Write([]byte(text))
		}
	}
	for name, h := range map[string]http.Handler{
		"forbidden":      answer(http.StatusForbidden, ""),
		"redirect":       answer(http.StatusFound, ""),
		"a login page":   answer(http.StatusOK, "<html>secret"),
		"a header break": answer(http.StatusOK, "a\r\nsecret: b"),
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, h)
			hst, c, problems := host.Read(t.Context(), devices.Machine{FS: nitro("m5.large"), HTTP: server}, host.Flags{})
			require.Len(t, problems, 1)
			require.Contains(t, problems[0].Text, "imds_unreachable: ")
			require.NotEmpty(t, problems[0].Remedy)
			require.Equal(t, "m5.large", *c.InstanceType, "what the firmware said stays")
			require.Nil(t, c.Region)
			require.LessOrEqual(t, server.calls, 2, "no retries")
			requireNoSecrets(t, hst, c, problems)
		})
	}
}

func TestLifeCycleOfUnexpectedShapeIsDropped(t *testing.T) {
	_, c, problems := host.Read(t.Context(), devices.Machine{FS: nitro("m5.large"), HTTP: serve(t, metadata("<b>secret</b>"))}, host.Flags{})
	require.Empty(t, problems)
	require.Nil(t, c.Market)
	require.Equal(t, "us-east-1", *c.Region)
}

// silent never answers, like the link-local address off AWS and in containers.
type silent struct{}

func (silent) Do(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, &url.Error{Op: "Put", URL: r.URL.String(), Err: r.Context().Err()}
}

func TestSilenceTakesOneSecond(t *testing.T) {
	for name, tc := range map[string]struct {
		docker bool
		want   string
	}{
		"instance":  {false, "imds_unreachable: "},
		"container": {true, "imds_unreachable_from_container: "},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fsys := nitro("m5.large")
				if tc.docker {
					fsys[".dockerenv"] = &fstest.MapFile{}
				}
				start := time.Now()
				_, c, problems := host.Read(t.Context(), devices.Machine{FS: fsys, HTTP: silent{}}, host.Flags{})
				require.Equal(t, time.Second, time.Since(start))
				require.Len(t, problems, 1)
				require.Contains(t, problems[0].Text, tc.want)
				require.Equal(t, "m5.large", *c.InstanceType)
			})
		})
	}
}

func TestCancelledContextAsksNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		_, _, problems := host.Read(ctx, devices.Machine{FS: nitro("m5.large"), HTTP: silent{}}, host.Flags{})
		require.Len(t, problems, 1)
		require.Zero(t, time.Since(start))
	})
}

func TestHTTPClientIsSafe(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	client := host.NewHTTPClient()
	require.Equal(t, time.Second, client.Timeout)
	transport, ok := client.Transport.(*http.Transport)
	require.True(t, ok)
	require.Nil(t, transport.Proxy)

	server := httptest.NewServer(http.RedirectHandler("/again", http.StatusFound))
	defer server.Close()
	resp, err := client.Get(server.URL)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusFound, resp.StatusCode, "redirects are not followed")
}

func TestHTTPClientGivesUpOnAHangingServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := host.NewHTTPClient()
		near, far := net.Pipe()
		defer func() { require.NoError(t, far.Close()) }()
		client.Transport.(*http.Transport).DialContext = func(context.Context, string, string) (net.Conn, error) { return near, nil }
		start := time.Now()
		resp, err := client.Get("http://169.254.169.254/")
		if err == nil {
			_ = resp.Body.Close()
		}
		require.Error(t, err)
		require.Equal(t, time.Second, time.Since(start))
	})
}
