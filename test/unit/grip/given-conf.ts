// A configuration file of the original, and the drop-in with files of the test's own.
import { readDropIn } from '../../../src/frontends/grip/drop-in.ts'

/** Every option that a shipped file has (contract §3), as it has it. */
export const shipped = `
# a comment
[global]
include={libdir}/internal.conf
rundir=run
ipc_prefix=pushpin-
port_offset=0
stats_connection_ttl=120
stats_connection_send=true

[runner]
services=connmgr,proxy,handler
http_port=7999
#https_ports=443
logdir=log
log_level=2
client_buffer_size=8192
client_maxconn=50000
allow_compression=false
connmgr_bin=pushpin-connmgr

[proxy]
routesfile=routes
debug=false
auto_cross_origin=false
accept_x_forwarded_protocol=false
set_x_forwarded_protocol=proto-only
x_forwarded_for=
x_forwarded_for_trusted=
orig_headers_need_mark=
accept_pushpin_route=false
cdn_loop=
log_from=false
log_user_agent=false
sig_iss=pushpin
sig_key=changeme
upstream_key=
sockjs_url=http://example.com/sockjs.js

[handler]
push_in_spec=tcp://127.0.0.1:5560
push_in_sub_specs=tcp://127.0.0.1:5562
push_in_sub_connect=false
push_in_http_addr=127.0.0.1
push_in_http_port=5561
push_in_http_max_headers_size=10000
push_in_http_max_body_size=1000000
stats_spec=ipc://{rundir}/{ipc_prefix}stats
command_spec=tcp://127.0.0.1:5563
message_rate=2500
message_hwm=25000
message_wait=5000
id_cache_ttl=60
update_on_first_subscription=true
connection_subscription_max=20
subscription_linger=60
stats_subscription_ttl=60
stats_report_interval=10
stats_format=tnetstring
`

/** Where it is found last. */
export const usualFile = '/etc/pushpin/pushpin.conf'

export function readAll(
  args: readonly string[],
  files: Record<string, string>,
  environment: Record<string, string> = {},
) {
  return readDropIn(args, environment, { workingDir: '/w', read: path => files[path] })
}

export function given(text: string, args: readonly string[] = [], environment: Record<string, string> = {}) {
  const reading = readAll(args, { [usualFile]: text }, environment)
  if (!reading.ok) throw new Error(reading.lines.join('\n'))
  return reading
}

export function lines(text: string, args: readonly string[] = []) {
  const reading = readAll(args, { [usualFile]: text })
  return reading.ok ? [] : [reading.status, ...reading.lines]
}
