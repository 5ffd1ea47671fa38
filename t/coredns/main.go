// The CoreDNS that the tests of ddo-push-mysql talk to: few plugins, and mysql.
package main

import (
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/coremain"

	_ "github.com/coredns/coredns/plugin/bind"
	_ "github.com/coredns/coredns/plugin/debug"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/log"
	_ "github.com/cybercinch/coredns_mysql_extend"
)

func main() {
	dnsserver.Directives = []string{"bind", "debug", "errors", "log", "mysql"}
	coremain.Run()
}
