// What all nodes of a cluster must have alike, for it says where a channel's keys are: the first node decides.
import { Fault } from '../../std/fault.ts'
import { visibleText } from '../../std/visible.ts'
import type { Keys } from './keys.ts'
import type { Link } from './link.ts'
import { textOf } from './replies.ts'
import { agreeScript } from './scripts/session.ts'

/** Of what is stored. */
const formatVersion = 1

/** Throws where others have it otherwise. */
export async function agree(link: Link, keys: Keys): Promise<void> {
  const ours = `v${formatVersion} partitions=${keys.partitions}`
  const theirs = textOf(await link.ask(agreeScript, [keys.agreed()], [ours]))
  if (theirs === ours) return
  const [, version, partitions] = /^v(\d+) partitions=(\d+)$/.exec(theirs) ?? []
  if (version === String(formatVersion))
    throw new Fault(
      'broker-unfit',
      `its channels are spread over ${partitions} partitions, and this node's setting is ${keys.partitions}`,
    )
  throw new Fault(
    'broker-unfit',
    `it is used by nodes of another version ('${visibleText(theirs.slice(0, 60))}')`,
  )
}
