// What publishers' own order (law 16) and whoever asked hear of the followers that a channel has on this worker.
import type { ChannelName } from '../words/publication.ts'
import type { Sequencers } from './sequencers.ts'
import type { Attendance } from './spread.ts'

/** `interest`: see `EngineDependencies`. */
export function attendanceOf(
  sequencers: () => Sequencers,
  interest: ((channel: ChannelName, on: boolean, lingerMs: number) => void) | undefined,
): Attendance {
  const of = (channel: ChannelName) => sequencers().of(channel)
  return {
    began: channel => {
      of(channel).orders.followed(channel)
      interest?.(channel, true, 0)
    },
    lingers: (channel, ms) => {
      if (!of(channel).retired) of(channel).orders.linger(channel, ms)
    },
    ended: (channel, isAwaited) => {
      // Whatever leaves a worker that retires is handed over.
      if (!of(channel).retired) interest?.(channel, false, of(channel).orders.unfollowed(channel, isAwaited))
    },
    lastId: channel => of(channel).lastId(channel),
    known: (channel, lastId) => of(channel).known?.(channel, lastId),
    placed: publication => of(publication.channel).placed?.(publication),
  }
}
