// The contract that a protocol implements. A front-end turns requests into drafts and subscribers, and refusals into
// its wire; it never sees another front-end.
import type { ListenOptions } from 'node:net'
import type { Engine } from '../engine/engine.ts'
import type { SequencerLimits as Sequencing } from '../engine/owner/sequencing.ts'
import type { NamespaceEntry, PrivateGroup } from '../engine/words/namespace.ts'
import type { ChannelName } from '../engine/words/publication.ts'
import type { Exchange } from '../net/exchange.ts'
import type { GateExchange } from '../net/gate/gate-exchange.ts'
import type { GateLimits } from '../net/gate/limits.ts'
import type { RequestFault } from '../net/gate/request-head.ts'
import type { BodyIntake } from '../net/intake.ts'
import type { SocketSettings } from '../net/socket.ts'
import type { Address } from '../std/address.ts'
import type { Clock } from '../std/clock.ts'
import type { ListSetting, Section, SectionValues, Setting } from '../std/setting.ts'
import type { Log } from '../telemetry/log.ts'
import type { MetricRow } from '../telemetry/metric-row.ts'
import type { OperatorCall, OperatorRoute } from './operate.ts'
import type { PlayClient, PlayKit, PlayPlace } from './play.ts'
import type { AddressedPublish, CommandEnding, PublishCommand } from './publish.ts'
import type { SidePort, SideThread } from './side.ts'

/** Every front-end may be kept to some channels: lists of patterns, empty for all. The engine enforces them. */
export type FrontendSection = Section<
  Readonly<Record<string, Setting>> & {
    readonly subscribe: ListSetting
    readonly publish: ListSetting
  }
>

/** What another thread does for this one, because it takes more than some 150 µs (ARCHITECTURE, Threads). */
export interface Offload {
  /**
   * SHA-256, in lower-case hexadecimal. `done` is called once, possibly before this returns. Until then nobody else uses
   * the bytes; it gets them back. Where it is refused for `full` or `ended` they are as they were; where it `failed`, lost.
   */
  hash(bytes: Uint8Array, done: (outcome: HashOutcome) => void): void
}

export type HashOutcome =
  | { readonly ok: true; readonly sha256: string; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly reason: 'full' | 'ended' | 'failed' }

export interface FrontendContext<Values> {
  readonly settings: Values
  readonly engine: Engine
  readonly clock: Clock
  /** Where a room that collects bodies by itself, at its gates, tells what it holds of those that are not complete. */
  readonly intake: BodyIntake
  readonly offload: Offload
  /** Where the node keeps what outlives it, for this user alone; empty: nowhere. Its files there have names of their own. */
  readonly stateFolder: string
  /** Warnings have a code of the house or one of the front-end's own. */
  readonly log: Log<string>
  /** The node is a developer's own: on loopback, with secrets that it made up. Strangers are pages in his browser. */
  readonly isDevelopment: boolean
  /** When the node started, in Unix milliseconds. */
  readonly startedUnixMs: number
  /** Others share the node's channels, but those that are its own: see `nodeChannel`. */
  readonly isJoined: boolean
  /** How many the node is to have: a bound for all of them is shared by so many. */
  readonly workers: number
  /** Where this node listens, for all protocols and workers, with real ports. A call of ours to one of them is a mistake. */
  readonly ownAddresses: readonly Address[]
  /**
   * Asks the rooms of this protocol in all workers, this one included, for `report(topic)`. `done` gets what came
   * within 250 ms, once, and everything that happened in those workers before the call is in it.
   */
  gather(topic: string, done: (reports: readonly unknown[]) => void): void
  /**
   * Asks the room of this protocol in the worker that owns the key, as it owns channels: its `answer`. `done` gets that
   * once, possibly before this returns; undefined where the worker is lost, gave no answer within 5 s, or too many
   * questions of this protocol are under way.
   */
  ask(key: string, question: string, done: (answer: unknown) => void): void
  /** Whether questions about the key come to this worker. */
  owns(key: string): boolean
  /** Has the front-end's own thread started, if it is not there. */
  wantSide(): void
  /** For each request for one channel that its path tells: what a proxy sent to the wrong worker is counted. */
  routed(exchange: Exchange, channel: ChannelName): void
}

/** One setting of a front-end's that says where it is reached. */
export interface Door {
  /** Among those of its front-end, in logs and statistics. The first one is its main door and has none. */
  readonly name?: string
  /** Key of an address setting of its section. */
  readonly setting: string
  /** One address for each worker, counted up from the setting's; what comes there is for that worker. One door at most. */
  readonly perWorker?: true
  /** On Node's own sockets, on which each worker listens by itself (`net/gate`): the room has one of its `gates` for it. */
  readonly isGate?: true
}

/** Files in PEM. */
export interface Certificate {
  readonly certificate: string
  readonly key: string
}

/** One address of a gate. */
export interface GatePlace {
  readonly address: Address
  /** Of a unix socket, where it is not the usual one. */
  readonly mode?: number | undefined
  /** It speaks TLS. */
  readonly certificate?: Certificate | undefined
}

/** What serves gates in one worker. */
export interface GateRoom {
  readonly limits?: Partial<GateLimits>
  handle(exchange: GateExchange): void
  /** As of `GateOptions`. */
  refusal?(fault: RequestFault): Buffer
}

/** What serves a door in one worker. */
export interface DoorRoom {
  /** Serves WebSockets too: requests for one come as exchanges that `wantsSocket`. */
  readonly sockets?: SocketSettings
  handle(exchange: Exchange): void
}

/** A protocol at work in one worker. It serves all of its doors itself but those that have a room of their own. */
export interface FrontendRoom<Values = never> extends Partial<DoorRoom> {
  /** By the name of the door. */
  readonly doors?: Readonly<Record<string, DoorRoom>>
  /** By the name of the door; the main one has the empty name. Each that is a gate has one, and several may be one. */
  readonly gates?: Readonly<Record<string, GateRoom>>
  /** Its own counters, by name; `metrics` of the front-end describes each. */
  statistics(): Readonly<Record<string, number>>
  /** This worker's part of an answer to `gather`: plain data, for it crosses threads. */
  report?(topic: string): unknown
  /** The answer to `ask` about a key that this worker owns: plain data, for it crosses threads. */
  answer?(key: string, question: string): unknown
  /** Serves the routes that `operate` of the front-end lists, on the admin listener. */
  operate?(call: OperatorCall): void
  /**
   * The node stops: connections that the engine knows nothing of, for they are subscribed to nothing, are ended within so many
   * milliseconds, and told to come back in `returns.next('others')` of the engine. `done` is called once, when all were told,
   * possibly before this returns. The engine ends the others at the same time.
   */
  drain?(spreadMs: number, done: () => void): void
  /** The port leads to the front-end's own thread, in place of an earlier one; undefined: there is none until it is wanted anew. */
  sided?(port: SidePort | undefined): void
  /** Of the channels that this worker owns, as the engine tells it: see `EngineDependencies`. */
  interest?(channel: ChannelName, on: boolean, lingerMs: number): void
  /** Settings marked as live were read again; the others are as before. Connections stay. */
  reload?(settings: Values): void
}

/** What a server of Node.js listens with. */
export type ListenPlace = ListenOptions | { readonly fd: number }

/** For a socket of the protocol's own that no worker serves. Nothing slow runs in the primary. */
export interface PrimaryContext<Values> {
  readonly settings: Values
  readonly clock: Clock
  /** As of `FrontendContext`. */
  readonly stateFolder: string
  /** Warnings have a code of the house or one of the front-end's own. */
  readonly log: Log<string>
  readonly isDevelopment: boolean
  /** What the rooms of this protocol report of a topic, by the number of their worker: what came within 250 ms. */
  gather(topic: string): Promise<ReadonlyMap<number, unknown>>
  /** What a socket of Node.js listens with on this address: the process may have been handed one that does already. */
  listenPlace(address: Address): Promise<ListenPlace>
}

/** The command line of the replaced original: `ringcast <name> …`, with its variables, texts and exit codes. */
export interface DropIn {
  /** One line for `--help`. */
  readonly summary: string
  /**
   * Where it is no ending, the node starts with `environment` in place of the given one, this protocol alone. `logFile`
   * gets what both outputs would have got.
   */
  read(
    args: readonly string[],
    environment: Readonly<Record<string, string | undefined>>,
    unixMs: number,
  ):
    | {
        readonly ok: true
        readonly environment: Readonly<Record<string, string | undefined>>
        /** Absolute. */
        readonly logFile?: string | undefined
        /** Sentences about what was understood and has no effect. They go to standard error. */
        readonly remarks?: readonly string[]
      }
    | ({ readonly ok: false } & CommandEnding)
}

/** What is in files that settings name. */
export interface FileJudgement {
  /** Why a node cannot start, one sentence each. */
  readonly mistakes: readonly string[]
  /** What an operator should know, one sentence each. */
  readonly warnings: readonly string[]
  /** Production judges them like secrets of the settings. `name` begins a sentence. */
  readonly secrets: readonly { readonly name: string; readonly secret: string }[]
}

/** `ringcast token <name> <channel>`: what clients of the protocol authenticate with. */
export interface TokenCommand<Values> {
  /** One line for `--help`. */
  readonly summary: string
  /** Why no token for it could ever be used, to follow the channel. */
  mistakeIn?(settings: Values, channel: string): string | undefined
  /** The settings hold a secret, and the channel has no mistake; `unixSeconds` is when the token expires. */
  mint(settings: Values, channel: string, unixSeconds: number): string
}

/** How people try the protocol in development, beside the others. */
export interface FrontendPlay<Values> {
  /** Path of the client module without its ending, which the build changes. */
  readonly module: string
  /** The same module, for this process. */
  load(): Promise<PlayClient>
  /** Credentials are minted anew, for this channel alone where the protocol can say so. */
  kit(settings: Values, place: PlayPlace): PlayKit
}

export interface Frontend<S extends FrontendSection = FrontendSection> {
  /** As in settings, logs and statistics. */
  readonly name: string
  /** Whose clients it serves, in a few words: its row in the README's table of protocols. */
  readonly clients: string
  readonly section: S
  /** Where it is reached, one at least. Without them: `listen`, and `shardPorts` per worker, as far as the section has them. */
  readonly doors?: readonly Door[]
  /** What its rooms count. Where two front-ends count the same thing under one key, they say the same of it. */
  readonly metrics?: readonly MetricRow[]
  /** What its own codes of warnings mean, a sentence for operators each. */
  readonly codes?: Readonly<Record<string, string>>
  /** What it serves on the admin listener, below `/v1/<name>/`; its rooms do, by `operate`. */
  readonly operate?: readonly OperatorRoute[]
  /** Called once in each worker. */
  open(context: FrontendContext<SectionValues<S>>): FrontendRoom<SectionValues<S>>
  /** Called once, in the primary, before there are workers. A sentence: the node cannot start. */
  openPrimary?(context: PrimaryContext<SectionValues<S>>): Promise<string | undefined>
  /** A thread of its own, beside the workers. */
  readonly side?: SideThread<SectionValues<S>>
  /** For development: lines for a terminal that show a message arriving when they are run as they stand. */
  greeting(settings: SectionValues<S>, place: Omit<PlayPlace, 'channel'>): readonly string[]
  /** What is wrong with the settings beyond their types, one sentence each. */
  mistakes?(settings: SectionValues<S>): readonly string[]
  /**
   * Defaults for some channels, read once, at the start; what an entry leaves out is as the node's settings say. A channel
   * has the first entry whose pattern fits it: the operator's own namespaces come first, then those of the front-ends that
   * run, in their order.
   */
  channels?(settings: SectionValues<S>): readonly NamespaceEntry[]
  /**
   * What holds for each group of its private channels, called by its own name or what begins with that and a slash; what is
   * left out is as the node's settings say. Only it may publish to them and subscribe. One of a group that is not among
   * them, nobody may use. Read once, at the start.
   */
  privateGroups?(settings: SectionValues<S>): readonly PrivateGroup[]
  /** The addresses of a gate, where its setting is not just one; read when the node starts. */
  gatePlaces?(settings: SectionValues<S>, door: Door): readonly GatePlace[]
  /** How drafts that say their order are held; where several front-ends say so, the last one's word counts. */
  sequencing?(settings: SectionValues<S>): Partial<Sequencing>
  /** Reads and judges the files that the settings name. */
  judgeFiles?(settings: SectionValues<S>): FileJudgement
  /** Whether these settings let strangers in. Production then asks for both lists of channels. */
  isOpen?(settings: SectionValues<S>): boolean
  readonly dropIn?: DropIn
  readonly publish?: PublishCommand
  readonly addressed?: AddressedPublish
  readonly token?: TokenCommand<SectionValues<S>>
  readonly play?: FrontendPlay<SectionValues<S>>
  /**
   * For proxies that hash channels: a regular expression, as PCRE and JavaScript read it, that fits the decoded path of
   * a request for one channel. Its one group is the channel's name.
   */
  readonly channelPath?: string
  /** A path that is answered with less than 500 to everybody while the protocol serves; `/` where nothing is said. */
  readonly healthPath?: string
}
