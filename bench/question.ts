// What a bench is made of: a question, the programs that take turns in answering it, and what a round brings back.
// Each file in scenarios/ makes one question; how rounds become medians and a verdict is the same for all.
import type { Crew } from './load/crew.ts'
import type { Summary } from './report.ts'
import type { Requests } from './requests.ts'
import type { Program, Target } from './targets.ts'

/** `full` is stored; `quick` shows in a few minutes that all works; `smallest` does so inside the test suite. */
export type Size = 'full' | 'quick' | 'smallest'

/** One number of every round, and how it is shown. */
export interface Column {
  /** Key in `Measured.figures`. */
  readonly figure: string
  readonly head: string
  readonly digits: number
  /** A control whose figure is far off its own stored one makes the run void: the machine was busy. */
  readonly steady?: boolean
}

/** A promise about one figure of one program. */
export interface Aim {
  /** The line of the table. */
  readonly says: string
  readonly program: string
  readonly figure: string
  /** What the figure is divided by; without it the figure itself is judged. */
  readonly base?: { readonly program: string; readonly figure: string }
  readonly bound: { readonly atMost: number } | { readonly atLeast: number }
}

export interface Measured {
  readonly figures: Readonly<Record<string, number>>
  /** Of all that was delivered: the same from every program in every round, or the run fails. */
  readonly checksum: number
}

export interface Question {
  /** The name of its file, and what `--scenario` takes. */
  readonly name: string
  readonly asks: string
  readonly parameters: Readonly<Record<string, number>>
  /** They take turns in this order, there and back again. Controls begin with that word. */
  readonly programs: readonly Program[]
  /** Started anew for every round, where a process that has served before would answer otherwise. */
  readonly fresh?: boolean
  /** Asked only by its name: it takes long, and says little that another does not. */
  readonly byName?: boolean
  /** What it cannot be asked without, and is not here. */
  readonly missing?: string | false
  /** Load crews; each is a process of its own, or several. */
  readonly crews: number
  readonly columns: readonly Column[]
  readonly aims: readonly Aim[]
  /** `turn` counts all rounds of all programs, so that a round may use names that no other did. */
  round(target: Target, crews: readonly [Crew, ...Crew[]], turn: number): Promise<Measured>
  /** Why the figures say more of the machine than of the programs; undefined: nothing speaks against them. */
  doubt?(summary: Summary): string | undefined
}

/** What questions of one kind differ in, besides their size. */
export interface Variant {
  readonly name: string
  readonly asks: string
  /** How the lines of its targets begin. */
  readonly says: string
  readonly requests: Requests
  /** By program, where one is asked otherwise: a control that speaks nothing of the protocol, or another use of it. */
  readonly requestsOf?: Readonly<Record<string, Requests>>
  readonly programs: readonly Program[]
  /** In place of 32. */
  readonly publishers?: number
  /** In place of the usual ones. */
  readonly aims?: readonly Aim[]
  readonly missing?: string | false
}

/** What this program is asked. */
export function requestsFor({ requests, requestsOf }: Variant, { name }: Target): Requests {
  return requestsOf?.[name] ?? requests
}

export type MakeQuestion = (size: Size, seed: number) => Question
