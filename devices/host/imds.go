package host

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/accelbench/accelbench/devices"
)

// The AWS instance metadata service, version 2: a token first, then what is asked for with it. The address is link-local,
// so that nothing leaves the machine's own network; off AWS it usually swallows packets, hence the DMI check before and
// the limits here.
const (
	imdsBase    = "http://169.254.169.254/latest/"
	imdsLimit   = time.Second // for all requests together
	dialLimit   = 300 * time.Millisecond
	answerLimit = 64 << 10 // bytes
)

// NewHTTPClient makes the client for metadata services: no proxy, whatever the environment says, as a proxy would answer
// for its own machine; no redirects; 300 ms to connect; one second in all; no connection kept.
func NewHTTPClient() *http.Client {
	return &http.Client{
		Timeout: imdsLimit,
		Transport: &http.Transport{
			Proxy:             nil,
			DialContext:       (&net.Dialer{Timeout: dialLimit}).DialContext,
			DisableKeepAlives: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// identity is all that is taken from the service. The document's ids of account, instance and image, and its addresses,
// have no field to go to.
type identity struct {
	instanceType, region, zone, market string
}

// readIMDS asks once, without retries. On an error it returns what it has so far.
func readIMDS(ctx context.Context, client devices.HTTPClient) (identity, error) {
	ctx, cancel := context.WithTimeout(ctx, imdsLimit)
	defer cancel()
	token, err := imdsCall(ctx, client, http.MethodPut, "api/token", "X-aws-ec2-metadata-token-ttl-seconds", "60")
	if err != nil {
		return identity{}, err
	}
	doc, err := imdsCall(ctx, client, http.MethodGet, "dynamic/instance-identity/document", "X-aws-ec2-metadata-token", token)
	if err != nil {
		return identity{}, err
	}
	id, err := parseIdentity([]byte(doc))
	if err != nil {
		return identity{}, err
	}
	market, err := imdsCall(ctx, client, http.MethodGet, "meta-data/instance-life-cycle", "X-aws-ec2-metadata-token", token)
	if err != nil {
		return id, err
	}
	if awsWord.MatchString(market) {
		id.market = market
	}
	return id, nil
}

func imdsCall(ctx context.Context, client devices.HTTPClient, method, path, header, value string) (text string, err error) {
	req, err := http.NewRequestWithContext(ctx, method, imdsBase+path, nil)
	if err != nil {
		return "", fmt.Errorf("asking the AWS metadata service for %s: %w", path, err)
	}
	req.Header.Set(header, value)
	resp, err := client.Do(req)
	if err != nil {
		return "", fmt.Errorf("asking the AWS metadata service for %s: %w", path, err)
	}
	defer func() {
		if e := resp.Body.Close(); err == nil && e != nil {
			text, err = "", fmt.Errorf("asking the AWS metadata service for %s: %w", path, e)
		}
	}()
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("asking the AWS metadata service for %s: status %d", path, resp.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, answerLimit))
	if err != nil {
		return "", fmt.Errorf("asking the AWS metadata service for %s: %w", path, err)
	}
	return strings.TrimSpace(string(body)), nil
}

// parseIdentity takes three fields out of the instance identity document; a value of an unexpected shape is dropped.
func parseIdentity(doc []byte) (identity, error) {
	var raw struct {
		InstanceType     string `json:"instanceType"`
		Region           string `json:"region"`
		AvailabilityZone string `json:"availabilityZone"`
	}
	if err := json.Unmarshal(doc, &raw); err != nil {
		return identity{}, fmt.Errorf("reading the AWS instance identity document: %w", err)
	}
	var id identity
	if awsType.MatchString(raw.InstanceType) {
		id.instanceType = raw.InstanceType
	}
	if awsWord.MatchString(raw.Region) {
		id.region = raw.Region
	}
	if awsWord.MatchString(raw.AvailabilityZone) {
		id.zone = raw.AvailabilityZone
	}
	return id, nil
}

// imdsProblem tells the usual case apart: in a container the answer needs one hop more than an instance allows by default,
// and is dropped on its way.
func imdsProblem(err error, inContainer bool) devices.Problem {
	timeout := errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded)
	var netErr net.Error
	if errors.As(err, &netErr) && netErr.Timeout() {
		timeout = true
	}
	if timeout && inContainer {
		return devices.Problem{
			Text: "imds_unreachable_from_container: the AWS metadata service did not answer within " + imdsLimit.String(),
			Remedy: "allow the instance's metadata answers a hop limit of 2 (aws ec2 modify-instance-metadata-options " +
				"--http-put-response-hop-limit 2), or pass --instance-type, --region and --market",
		}
	}
	return devices.Problem{
		Text:   "imds_unreachable: " + err.Error(),
		Remedy: "pass --instance-type, --region and --market",
	}
}
