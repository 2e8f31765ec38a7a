// The settings as the proxy needs them for each request: read once, and again with every reload.
import type { GripSettings } from '../settings.ts'
import { type ForwardRule, parseForwardRule } from './forwarded.ts'
import type { GatewaySettings } from './gateway.ts'

export function gatewaySettingsOf(settings: GripSettings): GatewaySettings {
  const { acceptXForwardedProtocol, setXForwardedProtocol, acceptPushpinRoute, cdnLoop } = settings
  return {
    acceptXForwardedProtocol,
    setXForwardedProtocol,
    acceptPushpinRoute,
    cdnLoop,
    forwardedFor: ruleOf(settings.xForwardedFor),
    forwardedForTrusted: ruleOf(settings.xForwardedForTrusted),
    origHeadersNeedMark: new Set(settings.origHeadersNeedMark.map(name => name.toLowerCase())),
    debug: settings.debug,
    autoCrossOrigin: settings.autoCrossOrigin,
    channelsMax: settings.connectionSubscriptionMax,
    storedBytesMax: settings.storedBytesMax,
    socketBytesMax: settings.socketBytesMax,
    keepAliveIntervalMinMs: settings.keepAliveIntervalMinMs,
  }
}

/** The words were judged when the settings were read. */
function ruleOf(words: readonly string[]): ForwardRule {
  const reading = parseForwardRule(words)
  return reading.ok ? reading.rule : { keep: undefined, append: false }
}
