// Which kind of end a WebSocket gets towards its origin (contract §4.10): the targets of its rule in their order, those of one
// kind together. Where none of them connects the next kind is tried, as the next target is among those of one kind.
import type { Choice } from '../proxy/choice.ts'
import { type Failure, originFailed, triedIn, unreachableCause } from '../proxy/failures.ts'
import type { Target } from '../routes/target.ts'
import type { OriginEnd, OriginEndOwner } from './origin-end.ts'

type Kind = 'native' | 'overHttp' | 'test' | 'none'

/** Each makes an end for the targets of a choice, all of its kind. Its owner hears nothing before it was returned. */
export type Ends = Readonly<Record<Kind, (choice: Choice, owner: OriginEndOwner) => OriginEnd>>

export class Reach {
  readonly #choice: Choice
  readonly #isDebug: boolean
  readonly #ends: Ends
  readonly #owner: OriginEndOwner
  /** Neighbours of one kind, what was not tried yet. */
  readonly #groups: (readonly Target[])[]
  readonly #tried: string[] = []

  constructor(choice: Choice, isDebug: boolean, ends: Ends, owner: OriginEndOwner) {
    this.#choice = choice
    this.#isDebug = isDebug
    this.#ends = ends
    this.#owner = owner
    this.#groups = groupsOf(choice.rule.targets)
  }

  /** Of the targets that come next; undefined: there are none. */
  next(): OriginEnd | undefined {
    const targets = this.#groups.shift()
    if (targets === undefined) return undefined
    const { rule } = this.#choice
    const isAll = targets.length === rule.targets.length
    const own = isAll ? this.#choice : { ...this.#choice, rule: { ...rule, targets } }
    return this.#ends[kindOf(targets[0])](own, this.#owner)
  }

  /** Goes on where nobody was reached: another end, or what the client is told. */
  after(failure: Failure): OriginEnd | Failure {
    const tried = triedIn(failure)
    if (tried === undefined) return failure
    this.#tried.push(...tried)
    return this.next() ?? originFailed(unreachableCause(this.#tried), this.#isDebug)
  }
}

function kindOf(target: Target | undefined): Kind {
  if (target?.place.kind === 'test') return 'test'
  if (target?.place.kind !== 'tcp') return 'none'
  return target.overHttp ? 'overHttp' : 'native'
}

function groupsOf(targets: readonly Target[]): (readonly Target[])[] {
  const groups: Target[][] = []
  for (const target of targets) {
    const last = groups.at(-1)
    if (last !== undefined && kindOf(last[0]) === kindOf(target)) last.push(target)
    else groups.push([target])
  }
  return groups
}
