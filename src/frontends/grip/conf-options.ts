// Every option of the original's configuration (contract §3): the setting of ours that it is, or why it is none.
import {
  boolean,
  type ConfContext,
  integer,
  key,
  type Taken,
  takeControlPort,
  takeHttpPort,
  takeHttpsPorts,
  takeLocalPorts,
  takeLogLevel,
  takePrometheus,
  takeSetProtocol,
  takeStatsFormat,
  text,
  zmqSpec,
} from './conf-values.ts'

export type Option =
  | {
      readonly kind: 'setting'
      /** What the original takes where the line is missing; undefined: then ours is as it is. */
      readonly absent?: string
      take(value: string, context: ConfContext): Taken
    }
  /**
   * Nothing that we have depends on it, or the original does something that we do not. `because` is the end of a sentence;
   * `quiet` are values that ask for nothing.
   */
  | { readonly kind: 'ignored' | 'unsupported'; readonly because: string; readonly quiet?: readonly string[] }

const oneProcess: Option = { kind: 'ignored', because: 'there are no separate processes' }
const requestLog: Option = { kind: 'unsupported', because: 'requests are not logged', quiet: ['', 'false'] }
const stateless: Option = { kind: 'ignored', because: 'there is no state service' }
/** It is read where other options, or the file as a whole, are. */
const elsewhere: Option = { kind: 'setting', take: () => ({}) }

const rows: Readonly<Record<string, Option>> = {
  'global.include': elsewhere,
  'global.rundir': elsewhere,
  'global.ipc_prefix': elsewhere,
  'global.port_offset': elsewhere,
  'global.stats_connection_ttl': { kind: 'setting', take: integer('statsConnectionTtlMs', 1_000) },
  'global.stats_connection_send': { kind: 'setting', take: boolean('STATS_CONNECTION_SEND') },
  'runner.services': oneProcess,
  'runner.http_port': { kind: 'setting', absent: '', take: takeHttpPort },
  'runner.https_ports': { kind: 'setting', take: takeHttpsPorts },
  'runner.local_ports': { kind: 'setting', take: takeLocalPorts },
  'runner.logdir': { kind: 'ignored', because: 'the log goes to standard output, or where --logfile says' },
  'runner.log_level': { kind: 'setting', take: value => takeLogLevel(value) },
  'runner.client_buffer_size': { kind: 'setting', take: integer('clientBufferBytes') },
  'runner.client_maxconn': { kind: 'setting', take: integer('clientMaxconn') },
  'runner.allow_compression': {
    kind: 'unsupported',
    because: 'WebSockets are not compressed',
    quiet: ['', 'false'],
  },
  'proxy.routesfile': {
    kind: 'setting',
    absent: 'routes',
    take: (value, { besideFile }) => ({ RINGCAST_GRIP_ROUTES: besideFile(value) }),
  },
  'proxy.debug': { kind: 'setting', take: boolean('DEBUG') },
  'proxy.auto_cross_origin': { kind: 'setting', take: boolean('AUTO_CROSS_ORIGIN') },
  'proxy.accept_x_forwarded_protocol': { kind: 'setting', take: boolean('ACCEPT_X_FORWARDED_PROTOCOL') },
  'proxy.set_x_forwarded_protocol': { kind: 'setting', absent: 'false', take: takeSetProtocol },
  'proxy.x_forwarded_for': { kind: 'setting', take: text('X_FORWARDED_FOR') },
  'proxy.x_forwarded_for_trusted': { kind: 'setting', take: text('X_FORWARDED_FOR_TRUSTED') },
  'proxy.orig_headers_need_mark': { kind: 'setting', take: text('ORIG_HEADERS_NEED_MARK') },
  'proxy.accept_pushpin_route': { kind: 'setting', take: boolean('ACCEPT_PUSHPIN_ROUTE') },
  'proxy.cdn_loop': { kind: 'setting', take: text('CDN_LOOP') },
  'proxy.log_from': requestLog,
  'proxy.log_user_agent': requestLog,
  'proxy.sig_iss': { kind: 'setting', take: text('SIG_ISS') },
  'proxy.sig_key': { kind: 'setting', take: key('PUSHPIN_SIG_KEY') },
  'proxy.upstream_key': { kind: 'setting', take: key('PUSHPIN_UPSTREAM_KEY') },
  'proxy.sockjs_url': { kind: 'setting', take: text('SOCKJS_URL') },
  'proxy.workers': oneProcess,
  'proxy.max_open_requests': {
    kind: 'unsupported',
    because: 'connections are bounded by client_maxconn alone',
  },
  'proxy.prometheus_port': { kind: 'setting', take: takePrometheus('PROMETHEUS_PROXY_LISTEN') },
  'proxy.prometheus_prefix': { kind: 'setting', take: text('PROMETHEUS_PROXY_PREFIX') },
  'proxy.stats_report_interval': {
    kind: 'ignored',
    because: 'there is one report for the whole node, as handler.stats_report_interval says',
  },
  'proxy.updates_check': { kind: 'ignored', because: 'nothing asks for updates' },
  'proxy.organization_name': { kind: 'ignored', because: 'nothing asks for updates' },
  'handler.push_in_spec': { kind: 'setting', take: zmqSpec('ZMQ_PULL') },
  'handler.push_in_sub_specs': { kind: 'setting', take: zmqSpec('ZMQ_SUB') },
  'handler.push_in_sub_connect': { kind: 'setting', take: boolean('ZMQ_SUB_CONNECT') },
  'handler.push_in_http_addr': elsewhere,
  'handler.push_in_http_port': { kind: 'setting', absent: '', take: takeControlPort },
  'handler.push_in_http_max_headers_size': {
    kind: 'ignored',
    because: 'heads are bounded by client_buffer_size',
  },
  'handler.push_in_http_max_body_size': { kind: 'setting', take: integer('controlBodyBytesMax') },
  'handler.stats_spec': { kind: 'setting', take: zmqSpec('ZMQ_STATS') },
  'handler.command_spec': { kind: 'setting', take: zmqSpec('ZMQ_COMMAND') },
  'handler.state_spec': stateless,
  'handler.message_rate': { kind: 'setting', take: integer('messageRate') },
  'handler.message_hwm': { kind: 'setting', take: integer('messageHwm') },
  'handler.message_block_size': { kind: 'setting', take: integer('messageBlockBytes') },
  'handler.message_wait': { kind: 'setting', take: integer('messageWaitMs') },
  'handler.id_cache_ttl': { kind: 'setting', absent: '0', take: integer('idCacheTtlMs', 1_000) },
  'handler.update_on_first_subscription': {
    kind: 'ignored',
    because: 'every shipped file has it, and it only doubles long polls',
    quiet: ['', 'false'],
  },
  'handler.connection_subscription_max': { kind: 'setting', take: integer('connectionSubscriptionMax') },
  'handler.subscription_linger': { kind: 'setting', take: integer('subscriptionLingerMs', 1_000) },
  'handler.stats_subscription_ttl': { kind: 'setting', take: integer('statsSubscriptionTtlMs', 1_000) },
  'handler.stats_report_interval': { kind: 'setting', take: integer('statsReportIntervalMs', 1_000) },
  'handler.stats_format': { kind: 'setting', take: takeStatsFormat },
  'handler.share_all': {
    kind: 'unsupported',
    because: 'identical requests are not joined',
    quiet: ['', 'false'],
  },
  'handler.prometheus_port': { kind: 'setting', take: takePrometheus('PROMETHEUS_LISTEN') },
  'handler.prometheus_prefix': { kind: 'setting', take: text('PROMETHEUS_PREFIX') },
  'handler.ipc_file_mode': { kind: 'setting', take: text('ZMQ_IPC_MODE') },
}

export const confOptions: ReadonlyMap<string, Option> = new Map(Object.entries(rows))

/** Of options that no table of the original's manual has: sockets between its processes, and their programs. */
export function isInternal(name: string): boolean {
  return /_(?:specs?|bin)$/.test(name)
}
