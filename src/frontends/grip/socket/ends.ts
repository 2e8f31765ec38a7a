// The kinds of ends that a WebSocket has towards its origin, each made with what it needs.

import type { Choice } from '../proxy/choice.ts'
import { originFailed } from '../proxy/failures.ts'
import type { EventCalls } from './event-calls.ts'
import { Native, type NativeContext } from './native.ts'
import type { OriginEnd, OriginEndOwner } from './origin-end.ts'
import { OverHttp } from './over-http.ts'
import type { Ends } from './reach.ts'
import { TestEnd } from './test-end.ts'

export interface EndsContext extends NativeContext {
  readonly eventCalls: EventCalls
  /** Of one connection. */
  channelsMax(): number
}

export function endsOf(context: EndsContext): Ends {
  return {
    native: (choice, owner) => opened(new Native(context, choice, owner)),
    overHttp: (choice, owner) => opened(new OverHttp(context.eventCalls, choice, owner)),
    test: (choice, owner) => new TestEnd(choice, context.channelsMax(), owner),
    none: (choice, owner) => noEnd(choice, context.isDebug(choice), owner),
  }
}

function opened<End extends OriginEnd & { open(): void }>(end: End): End {
  end.open()
  return end
}

/** Of targets that take requests alone (contract §2.7). */
function noEnd({ rule }: Choice, isDebug: boolean, owner: OriginEndOwner): OriginEnd {
  const kind = rule.targets[0]?.place.kind
  queueMicrotask(() => owner.failed(originFailed(`WebSockets cannot be used with ${kind} target`, isDebug)))
  const taken = () => true
  const nothing = () => {}
  return {
    message: taken,
    ping: taken,
    pong: taken,
    close: nothing,
    gone: nothing,
    refresh: nothing,
    leave: nothing,
    pause: nothing,
    resume: nothing,
  }
}
