# about: TLS for the door: cert=FILE key=FILE, certbot=NAME, or self_signed=NAME
# shellcheck shell=sh disable=SC2154 # target and the like are ddo-setup's
#
# The user ddo-httpd cannot read certbot's keys.  A hook in certbot's directory for hooks copies
# each renewed one; ddo-httpd takes it by itself.

tls_dir=${config%/*}/tls
tls_live=/etc/letsencrypt/live
tls_hooks=/etc/letsencrypt/renewal-hooks/deploy

# tls_copy CERT KEY: as they are now.  Later copies are the hook's.
tls_copy()
{
	want_dir "$tls_dir" 0750 root ddo
	if [ ! -e "$tls_dir/key.pem" ] || [ ! -f "$record" ]; then
		want_file "$tls_dir/cert.pem" 0640 root ddo <"$1"
		want_file "$tls_dir/key.pem" 0640 root ddo <"$2"
	fi
	tls_cert=$tls_dir/cert.pem tls_key=$tls_dir/key.pem
}

tls_certbot() # NAME
{
	[ -r "$tls_live/$1/privkey.pem" ] ||
		stop "there is no $tls_live/$1/privkey.pem: run certbot certonly -d $1"
	tls_copy "$tls_live/$1/fullchain.pem" "$tls_live/$1/privkey.pem"
	want_file "$tls_hooks/ddo" 0755 root root <<END
#!/bin/sh
# ddo-setup tls wrote this: gives ddo-httpd the renewed certificate.
set -eu
[ "\${RENEWED_LINEAGE:-}" = "$tls_live/$1" ] || exit 0
install -m 640 -g ddo "\$RENEWED_LINEAGE/privkey.pem" "$tls_dir/.key"
install -m 640 -g ddo "\$RENEWED_LINEAGE/fullchain.pem" "$tls_dir/.cert"
mv "$tls_dir/.key" "$tls_dir/key.pem"
mv "$tls_dir/.cert" "$tls_dir/cert.pem"
END
}

tls_self_signed() # NAME
{
	need_command openssl openssl
	case $1 in
	*[!A-Za-z0-9.-]* | '') stop "self_signed= needs the name of this node" ;;
	esac
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 \
		-subj "/CN=$1" -addext "subjectAltName=DNS:$1" \
		-keyout "$work/key" -out "$work/cert" 2>"$work/why" ||
		stop "openssl: $(cat "$work/why")"
	tls_copy "$work/cert" "$work/key"
}

# tls_use CERT KEY: as they lie, if the door can read them.
tls_use()
{
	for file in "$1" "$2"; do
		case $file in
		/*) ;;
		*) stop "cert= and key= need absolute paths" ;;
		esac
		as_user ddo-httpd test -r "$file" ||
			stop "ddo-httpd cannot read $file: give it the group ddo and mode 640"
	done
	tls_cert=$1 tls_key=$2
}

tls_plan()
{
	tls_cert='' tls_key=''
	if [ -n "${setting_certbot:-}" ]; then
		tls_certbot "$setting_certbot"
	elif [ -n "${setting_self_signed:-}" ]; then
		tls_self_signed "$setting_self_signed"
	elif [ -n "${setting_cert:-}" ] && [ -n "${setting_key:-}" ]; then
		tls_use "$setting_cert" "$setting_key"
	elif [ ! -f "$record" ] || [ ! -f "$conf_d/tls.yml" ]; then
		stop "say which certificate: certbot=NAME, self_signed=NAME, or cert=FILE key=FILE"
	fi
	[ -z "$tls_cert" ] || {
		want_conf tls <<END
# ddo-setup tls wrote this.
app:
  ssl_enable: true
  ssl_cert: $tls_cert
  ssl_key: $tls_key
END
	}
	want_check runuser -u ddo-httpd -- ddo-httpd -c "$config" -T
	want_service restart ddo-httpd
	hint "DirectAdmin must use TLS from now on: ddo-setup directadmin tells it"
}

tls_prove()
{
	prove_door https
}

tls_undo()
{
	want_first rm -f "$tls_dir/cert.pem" "$tls_dir/key.pem"
	want_service restart ddo-httpd
	hint "ddo-httpd speaks plain HTTP from then on; tell DirectAdmin"
}
