// The engine as GRIP uses it; and how, where nodes are joined and each is told all that is published, GRIP's channels become this node's own.
import type { Engine } from '../../engine/engine.ts'
import { nodeChannel } from '../../engine/words/private.ts'
import type { Draft } from '../../engine/words/publication.ts'

export type GripEngine = Pick<
  Engine,
  | 'publish'
  | 'publishBatch'
  | 'subscribe'
  | 'unsubscribe'
  | 'inspect'
  | 'drained'
  | 'forgetLastIds'
  | 'returns'
>

/** Its subscribers are told the engine's names of their channels: see `namedAs`. */
export function withOwnChannels(engine: GripEngine): GripEngine {
  return {
    returns: engine.returns,
    publish: (draft, done) => engine.publish(own(draft), done),
    publishBatch: (drafts, done) => engine.publishBatch(drafts.map(own), done),
    subscribe: (channel, subscriber, options) => engine.subscribe(nodeChannel(channel), subscriber, options),
    unsubscribe: (subscription, lingerMs) => engine.unsubscribe(subscription, lingerMs),
    inspect: (channel, options, done) => engine.inspect(nodeChannel(channel), options, done),
    drained: subscriber => engine.drained(subscriber),
    forgetLastIds: () => engine.forgetLastIds(),
  }
}

function own(draft: Draft): Draft {
  return { ...draft, channel: nodeChannel(draft.channel) }
}
