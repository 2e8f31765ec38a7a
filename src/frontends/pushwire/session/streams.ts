// The engine's channels behind those of a configuration: a channel of scope `channel` is the one of its name, with all
// other protocols on it; one of scope `client` is a private stream for each client id (contract §3.3).
import { groupOf, privateChannel } from '../../../engine/words/private.ts'
import type { ChannelName } from '../../../engine/words/publication.ts'
import type { ChannelPlan } from '../config/config.ts'
import { pushwireSection } from '../settings.ts'

/** The group of the private streams of a channel. */
export function dataGroup(name: string): string {
  return `${pushwireSection.name}/${name}`
}

export function streamOf(plan: ChannelPlan, clientId: string): ChannelName {
  if (plan.scope === 'client') return privateChannel(dataGroup(plan.name), clientId)
  return plan.name
}

/** What a channel of the engine is called on the wire. */
export function nameOfStream(channel: string): string {
  const group = groupOf(channel)
  return group === undefined ? channel : group.slice(pushwireSection.name.length + 1)
}
