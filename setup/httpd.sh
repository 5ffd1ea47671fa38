# about: the door: a login for DirectAdmin, and ddo-queue and ddo-httpd started
# shellcheck shell=sh disable=SC2154 # target and the like are ddo-setup's

httpd_password=${config%/*}/password

httpd_plan()
{
	httpd_wrong=''
	if [ -f "$config" ]; then
		httpd_wrong=$(ddo-httpd -c "$config" -T 2>&1) && httpd_wrong=''
	else
		want_secret "$httpd_password" ddo show
		want_file "$config" 0640 root ddo <<END
# ddo-app.yml(5) has every key.  Settings may stand here or in conf.d/*.yml.
app:
  auth_username: directadmin
  auth_password_file: $httpd_password
END
	fi
	case $httpd_wrong in
	*'no password is set'*)
		want_secret "$httpd_password" ddo show
		say "app: { auth_password_file: $httpd_password }" | want_conf login
		;;
	?*) stop "$httpd_wrong" ;;
	esac
	want_check runuser -u ddo -- ddo-queue -c "$config" -T
	want_check runuser -u ddo-httpd -- ddo-httpd -c "$config" -T
	want_service enable ddo-queue ddo-httpd.socket ddo-httpd
	want_service start ddo-httpd.socket
	want_service restart ddo-queue ddo-httpd
	! has_systemd || for unit in ddo-queue ddo-httpd; do
		systemctl is-enabled -q "$unit" 2>/dev/null || want_again
		systemctl is-active -q "$unit" || want_again
	done
}

httpd_prove()
{
	prove_door http
}

httpd_undo()
{
	first_service disable --now ddo-httpd ddo-httpd.socket ddo-queue
	hint "ddo-httpd and ddo-queue stop; spool and store stay"
}
