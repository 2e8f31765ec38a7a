// WebSockets on the wire: frames of the gate on both sides, and origins as the gateway asks them.
import { createFrameCounters } from '../../../net/gate/counters.ts'
import { type FrameOptions, FrameSocket } from '../../../net/gate/frame-socket.ts'
import { gateDefaults } from '../../../net/gate/limits.ts'
import type { Dial, DialHandlers, DialRequest } from '../../../net/outgoing/dial.ts'
import type { Clock } from '../../../std/clock.ts'
import { systemRandom } from '../../../std/random.ts'
import type { Gateway } from '../proxy/gateway.ts'
import { endsOf } from './ends.ts'
import { Sockets } from './sockets.ts'

export interface OpenSocketsContext {
  readonly clock: Clock
  readonly gateway: Gateway
  dial(request: DialRequest, handlers: DialHandlers): Dial
}

export function openSockets({ clock, gateway, dial }: OpenSocketsContext): Sockets {
  const limits = gateDefaults
  const shared = { clock, random: systemRandom, limits }
  const counters = createFrameCounters()
  const towardsClients: FrameOptions = { ...shared, role: 'server', counters }
  const towardsOrigins: FrameOptions = { ...shared, role: 'client', counters }
  const ends = endsOf({
    clock,
    eventCalls: gateway.eventCalls,
    channelsMax: () => gateway.settings.channelsMax,
    isDebug: ({ rule }) => rule.debug || gateway.settings.debug,
    dial: (choice, target, handlers) => dial(gateway.dialRequest(choice, target), handlers),
    openPeer: (connection, handlers) => new FrameSocket(connection, towardsOrigins, handlers),
  })
  return new Sockets({
    clock,
    gateway,
    openPeer: (connection, handlers) => new FrameSocket(connection, towardsClients, handlers),
    ends,
    frames: counters,
  })
}
