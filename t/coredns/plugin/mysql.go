// Package coredns_mysql_extend stands in for the plugin of that name, which no module proxy has: the
// same Corefile, tables and queries, and the same answers, what it does wrong included (see
// ddo-push-mysql(8), CAVEATS).  Written from its documentation and behaviour; t/coredns/build takes the
// real one instead when PLUGIN names a checkout of it.
package coredns_mysql_extend

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/coredns/caddy"
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/plugin"
	clog "github.com/coredns/coredns/plugin/pkg/log"
	"github.com/coredns/coredns/request"
	_ "github.com/go-sql-driver/mysql"
	"github.com/miekg/dns"
)

var log = clog.NewWithPlugin("mysql")

type question struct{ name, qtype string }

type answer struct{ records, glue []dns.RR }

type row struct {
	host, rtype, data string
	ttl               uint32
}

type server struct {
	next plugin.Handler
	conf map[string]string

	sync.RWMutex
	db     *sql.DB
	zones  map[string]int64
	memory map[question]answer
}

var settings = map[string]string{
	"dsn": "username:password@tcp(127.0.0.1:3306)/dns", "dump_file": "dump_dns.json", "ttl": "360",
	"zones_table": "zones", "records_table": "records",
	"db_max_idle_conns": "4", "db_max_open_conns": "8", "db_conn_max_idle_time": "1h",
	"db_conn_max_life_time": "24h", "fail_heartbeat_time": "10s", "success_heartbeat_time": "60s",
	"query_zone_sql":   "SELECT id, zone_name FROM %s",
	"query_record_sql": "SELECT id, zone_id, hostname, type, data, ttl FROM  %s WHERE online!=0 and zone_id=? and hostname=? and type=?",
}

func init() {
	plugin.Register("mysql", func(c *caddy.Controller) error {
		s := &server{conf: map[string]string{}, zones: map[string]int64{}, memory: map[question]answer{}}
		for key, value := range settings {
			s.conf[key] = value
		}
		for c.Next() {
			for c.NextBlock() {
				key := c.Val()
				if _, known := settings[key]; !known {
					return c.Errf("unknown property '%s'", key)
				}
				if !c.NextArg() {
					return c.ArgErr()
				}
				s.conf[key] = c.Val()
			}
		}
		c.OnStartup(s.start)
		c.OnShutdown(s.stop)
		dnsserver.GetConfig(c).AddPlugin(func(next plugin.Handler) plugin.Handler {
			s.next = next
			return s
		})
		return nil
	})
}

func (s *server) Name() string { return "mysql" }

func (s *server) number(key string) int {
	n, err := strconv.Atoi(s.conf[key])
	if err != nil || n <= 0 {
		n, _ = strconv.Atoi(settings[key])
	}
	return n
}

func (s *server) duration(key string) time.Duration {
	d, err := time.ParseDuration(s.conf[key])
	if err != nil || d <= 0 {
		d, _ = time.ParseDuration(settings[key])
	}
	return d
}

func (s *server) open() (*sql.DB, error) {
	db, err := sql.Open("mysql", s.conf["dsn"])
	if err != nil {
		return nil, err
	}
	db.SetMaxIdleConns(s.number("db_max_idle_conns"))
	db.SetMaxOpenConns(s.number("db_max_open_conns"))
	db.SetConnMaxIdleTime(s.duration("db_conn_max_idle_time"))
	db.SetConnMaxLifetime(s.duration("db_conn_max_life_time"))
	return db, nil
}

func (s *server) database() *sql.DB {
	s.RLock()
	defer s.RUnlock()
	return s.db
}

func (s *server) start() error {
	db, err := s.open()
	if err != nil {
		return err
	}
	s.db = db
	s.load()
	go s.keepOpen()
	go s.keepZones()
	for _, statement := range []string{
		"CREATE TABLE IF NOT EXISTS " + s.conf["zones_table"] + " (id INT NOT NULL AUTO_INCREMENT," +
			" zone_name VARCHAR(255) NOT NULL, PRIMARY KEY (id), UNIQUE KEY (zone_name))",
		"CREATE TABLE IF NOT EXISTS " + s.conf["records_table"] + " (id INT NOT NULL AUTO_INCREMENT," +
			" zone_id INT NOT NULL, hostname VARCHAR(512) NOT NULL, type VARCHAR(10) NOT NULL," +
			" data VARCHAR(1024) NOT NULL, ttl INT NOT NULL DEFAULT 120, online INT NOT NULL DEFAULT 0," +
			" PRIMARY KEY (id), FOREIGN KEY (zone_id) REFERENCES " + s.conf["zones_table"] + "(id))",
	} {
		if _, err := db.Exec(statement); err != nil {
			log.Error(err)
		}
	}
	return nil
}

func (s *server) stop() error {
	s.Lock()
	defer s.Unlock()
	s.db.Close()
	all := []map[string][]string{}
	for q, a := range s.memory {
		var texts []string
		for _, rr := range append(append([]dns.RR{}, a.records...), a.glue...) {
			texts = append(texts, rr.String())
		}
		all = append(all, map[string][]string{q.name + ":" + q.qtype: texts})
	}
	text, err := json.Marshal(all)
	if err == nil {
		err = os.WriteFile(s.conf["dump_file"], text, 0640)
	}
	if err != nil {
		log.Error(err)
	}
	return nil
}

func (s *server) load() {
	var all []map[string][]string
	text, err := os.ReadFile(s.conf["dump_file"])
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	if err != nil {
		log.Error(err)
	}
	for _, entry := range all {
		for key, texts := range entry {
			colon := strings.LastIndex(key, ":")
			if colon < 0 {
				continue
			}
			q, a := question{key[:colon], key[colon+1:]}, answer{}
			for _, text := range texts {
				rr, err := dns.NewRR(text)
				if err != nil || rr == nil {
					continue
				}
				t := rr.Header().Rrtype
				if (t == dns.TypeA || t == dns.TypeAAAA) && !strings.EqualFold(rr.Header().Name, q.name) {
					a.glue = append(a.glue, rr)
				} else {
					a.records = append(a.records, rr)
				}
			}
			s.memory[q] = a
		}
	}
}

func (s *server) keepOpen() {
	for {
		if err := s.database().Ping(); err == nil {
			time.Sleep(s.duration("success_heartbeat_time"))
			continue
		}
		time.Sleep(s.duration("fail_heartbeat_time"))
		if db, err := s.open(); err == nil {
			s.Lock()
			s.db.Close()
			s.db = db
			s.Unlock()
		}
	}
}

func (s *server) keepZones() {
	for {
		zones := map[string]int64{}
		rows, err := s.database().Query(fmt.Sprintf(s.conf["query_zone_sql"], s.conf["zones_table"]))
		if err == nil {
			for rows.Next() {
				var id int64
				var name string
				if err := rows.Scan(&id, &name); err == nil {
					zones[name] = id
				}
			}
			err = rows.Err()
			rows.Close()
		}
		if err != nil {
			log.Errorf("zones: %s", err)
			time.Sleep(s.duration("fail_heartbeat_time"))
			continue
		}
		s.Lock()
		s.zones = zones
		s.Unlock()
		time.Sleep(s.duration("success_heartbeat_time"))
	}
}

// find tells the zone of a name, cutting at each dot, escaped or not.
func (s *server) find(name string) (id int64, host, zone string, found bool) {
	s.RLock()
	defer s.RUnlock()
	labels := strings.Split(name, ".")
	for i := range labels {
		zone = strings.Join(labels[i:], ".")
		if id, found = s.zones[zone]; found {
			if host = strings.Join(labels[:i], "."); host == "" {
				host = "@"
			}
			return
		}
	}
	return
}

func (s *server) rows(id int64, host, rtype string) ([]row, error) {
	rows, err := s.database().Query(fmt.Sprintf(s.conf["query_record_sql"], s.conf["records_table"]), id, host, rtype)
	if err != nil {
		log.Errorf("records: %s", err)
		return nil, err
	}
	defer rows.Close()
	var all []row
	for rows.Next() {
		var r row
		var ignored int64
		if err := rows.Scan(&ignored, &ignored, &r.host, &r.rtype, &r.data, &r.ttl); err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

func owner(r row, host, zone string) string {
	if host == "@" {
		return zone
	}
	return r.host + "." + zone
}

func add(list []dns.RR, owner string, r row) []dns.RR {
	rr, err := dns.NewRR(fmt.Sprintf("%s %d IN %s %s", owner, r.ttl, r.rtype, r.data))
	if err != nil || rr == nil {
		log.Errorf("record of %s: %v", owner, err)
		return list
	}
	return append(list, rr)
}

// look answers from the tables; false: nothing there, or the database fails.
func (s *server) look(q question) (a answer, found bool) {
	id, host, zone, found := s.find(q.name)
	if !found {
		return a, false
	}
	rows, err := s.rows(id, host, q.qtype)
	if err != nil {
		return a, false
	}
	if len(rows) == 0 {
		aliases, err := s.rows(id, host, "CNAME")
		if err != nil {
			return a, false
		}
		for _, alias := range aliases {
			// An alias that leaves our zones is not answered at all.
			targetID, targetHost, targetZone, found := s.find(alias.data)
			if !found {
				return answer{}, false
			}
			a.records = add(a.records, q.name, alias)
			targets, err := s.rows(targetID, targetHost, q.qtype)
			if err != nil {
				return answer{}, false
			}
			for _, target := range targets {
				a.records = add(a.records, owner(target, targetHost, targetZone), target)
			}
		}
	}
	for _, r := range rows {
		before := len(a.records)
		a.records = add(a.records, owner(r, host, zone), r)
		if len(a.records) > before {
			if ns, is := a.records[before].(*dns.NS); is {
				a.glue = s.addGlue(a.glue, ns.Ns)
			}
		}
	}
	if len(a.records) == 0 && strings.Count(q.name, ".") > 1 {
		return s.lookWildcard(q)
	}
	return a, len(a.records) > 0
}

func (s *server) addGlue(list []dns.RR, name string) []dns.RR {
	id, host, zone, found := s.find(name)
	if !found {
		return list
	}
	for _, rtype := range []string{"A", "AAAA"} {
		rows, err := s.rows(id, host, rtype)
		if err != nil {
			return list
		}
		for _, r := range rows {
			list = add(list, owner(r, host, zone), r)
		}
	}
	return list
}

// lookWildcard knows "*" directly below a zone's apex only, and does not ask what else is there.
func (s *server) lookWildcard(q question) (a answer, found bool) {
	s.RLock()
	id, found := s.zones[q.name[strings.Index(q.name, ".")+1:]]
	s.RUnlock()
	if !found {
		return a, false
	}
	rows, err := s.rows(id, "*", q.qtype)
	if err != nil {
		return a, false
	}
	for _, r := range rows {
		a.records = add(a.records, q.name, r)
	}
	return a, len(a.records) > 0
}

// ServeDNS answers; what was answered once is remembered for good, and answered again whenever the
// tables have nothing to say.
func (s *server) ServeDNS(ctx context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
	state := request.Request{W: w, Req: r}
	q := question{state.Name(), state.Type()}
	a, found := s.look(q)
	s.Lock()
	if found {
		s.memory[q] = a
	} else {
		a, found = s.memory[q]
	}
	s.Unlock()
	if !found {
		return plugin.NextOrFailure(s.Name(), s.next, ctx, w, r)
	}
	m := new(dns.Msg)
	m.SetReply(r)
	for _, rr := range a.records {
		m.Answer = append(m.Answer, dns.Copy(rr))
	}
	for _, rr := range a.glue {
		m.Extra = append(m.Extra, dns.Copy(rr))
	}
	if err := w.WriteMsg(m); err != nil {
		log.Error(err)
	}
	return dns.RcodeSuccess, nil
}
