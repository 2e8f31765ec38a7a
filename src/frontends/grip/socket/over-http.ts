// A WebSocket whose origin speaks HTTP alone: its events are posted, one request at a time, and what the origin has to say
// comes with the answers (contract §8).
//
//   opening ──► open ──► leaving ──► over      the client is gone, or goes on without its origin: that is told, and retried
//       └─────────┴───────────────────► over   refused, failed, lost, or closed by both
import type { Timer } from '../hold/timers.ts'
import type { Head } from '../proxy/answer.ts'
import type { Choice } from '../proxy/choice.ts'
import { originFailed } from '../proxy/failures.ts'
import type { LastId } from '../proxy/request-headers.ts'
import type { CrowdMember } from './crowd.ts'
import type { EventCalls } from './event-calls.ts'
import { EventLine, type EventPost } from './event-line.ts'
import type { EventAnswer, EventRequestOwner } from './event-request.ts'
import { EventReader, encodeClosing, encodeEvent, type Survey, survey } from './events.ts'
import { messagePrefix } from './extensions.ts'
import { HandingOn } from './handing-on.ts'
import {
  acceptedBytes,
  acceptedHeaders,
  bytesMaxOf,
  clientSees,
  isEvents,
  refusedHeaders,
} from './origin-answer.ts'
import type { MessageKind, OriginEnd, OriginEndOwner } from './origin-end.ts'
import { messageBytesMax } from './unfinished.ts'
import { Untold } from './untold.ts'

/** For an origin to hear that it is over: five more attempts take 36 s. What it has not heard by then it does not. */
const farewellMs = 60_000

type State = 'opening' | 'open' | 'leaving' | 'over'

export class OverHttp implements OriginEnd, EventRequestOwner, CrowdMember {
  readonly #calls: EventCalls
  readonly #choice: Choice
  readonly #owner: OriginEndOwner
  readonly #line: EventLine
  readonly #answer: HandingOn
  readonly #untold = new Untold()
  #state: State = 'opening'
  /** Of the farewell. */
  #deadline: Timer | undefined

  /** Nothing happens before `open`. The rule of the choice has a target that is asked over HTTP. */
  constructor(calls: EventCalls, choice: Choice, owner: OriginEndOwner) {
    this.#calls = calls
    this.#choice = choice
    this.#owner = owner
    this.#line = new EventLine(calls, choice, this)
    this.#answer = new HandingOn(calls.clock, owner, () => this.#go())
  }

  /** Once. Its owner hears nothing before this has returned. */
  open(): void {
    this.#calls.counters.socketsOverHttp++
    this.#askToOpen()
  }

  /** By which its origin knows it. */
  get connectionId(): string {
    return this.#line.connectionId
  }

  // What the session tells.

  message(kind: MessageKind, piece: Buffer, isFirst: boolean, isLast: boolean): boolean {
    if (!this.#isHeard) return true
    const what = this.#untold.message(kind, piece, isFirst, isLast)
    if (what === 'too-long') {
      this.#lose(`a message of more than ${messageBytesMax} bytes`, 'told')
      return true
    }
    if (what === 'whole') this.#go()
    else this.#account()
    return this.#hasRoom()
  }

  ping(payload: Buffer): boolean {
    return this.#add('PING', payload)
  }

  pong(payload: Buffer): boolean {
    return this.#add('PONG', payload)
  }

  close(code: number | undefined, reason: Buffer): void {
    if (!this.#isHeard) return
    this.#untold.addLast('CLOSE', encodeClosing(code, reason))
    this.#go()
  }

  gone(): void {
    this.#bid('DISCONNECT')
  }

  leave(): void {
    this.#bid('CLOSE')
  }

  refresh(): void {
    if (this.#state !== 'open') return
    this.#untold.refresh()
    this.#go()
  }

  tellLastId(last: LastId): boolean {
    if (this.#state !== 'open') return false
    this.#untold.tellLastId(last)
    this.refresh()
    return true
  }

  pause(): void {
    if (this.#state === 'leaving') return
    this.#answer.pause()
    this.#line.pause()
  }

  resume(): void {
    this.#line.resume()
    this.#answer.resume()
  }

  // What the origin answers.

  bytesMaxOf(head: Head): number | string {
    return bytesMaxOf(head, this.#state === 'opening')
  }

  grew(): void {
    this.#account()
  }

  failed(cause: string): void {
    if (this.#state === 'leaving') this.#goOnLeaving(undefined)
    else this.#lose(cause)
  }

  crowdedOut(): void {
    this.#untold.clear()
    this.#line.abort()
    this.#lose('no room for what waits', 'told')
  }

  answered(answer: EventAnswer): void {
    const { head, body } = answer
    if (this.#state === 'leaving') return this.#goOnLeaving(acceptedBytes(head.rawHeaders))
    if (this.#state === 'opening' && !isEvents(head)) {
      this.#end()
      const rawHeaders = refusedHeaders(head.rawHeaders, clientSees(this.#choice))
      return this.#owner.refused({ ...head, rawHeaders }, body)
    }
    const seen = survey(body)
    if (seen === undefined) return this.#lose('an answer whose events do not read')
    if (this.#state === 'opening') return this.#answeredFirst(answer, seen)
    if (!this.#untold.taken(acceptedBytes(head.rawHeaders))) {
      return this.#lose('an answer that accepts more than was sent')
    }
    if (this.#untold.isStuck) return this.#lose('an origin that accepts nothing of what it is sent')
    if (seen.first === 'OPEN') return this.#openedAgain()
    this.#follow(new EventReader(body), seen)
  }

  #answeredFirst({ target, head: { rawHeaders }, body }: EventAnswer, seen: Survey): void {
    if (body.length === 0 && this.#line.intervalMs > 0) return this.#line.later(() => this.#askToOpen())
    if (seen.first !== 'OPEN') return this.#lose('an answer that does not open the connection')
    this.#state = 'open'
    this.#line.accepted(target)
    this.#owner.opened({
      rawHeaders: acceptedHeaders(rawHeaders, clientSees(this.#choice)),
      messagePrefix: clientSees(this.#choice).isPassed ? undefined : messagePrefix(rawHeaders),
      subscriptions: target.subscriptions,
    })
    const reader = new EventReader(body)
    reader.next()
    this.#follow(reader, seen)
  }

  #follow(reader: EventReader, { hasLaterOpen, hasDisconnect }: Survey): void {
    // Its owner may have left already, or wait for the client alone.
    if (this.#state !== 'open' || this.#answer.hasClosed) return this.#go()
    if (hasLaterOpen) return this.#openedAgain()
    if (hasDisconnect) {
      this.#end()
      return this.#owner.disconnected()
    }
    this.#answer.begin(reader)
    this.#account()
  }

  #openedAgain(): void {
    this.#lose('an answer that opens the connection again')
  }

  // What it is asked next.

  get #isHeard(): boolean {
    return (this.#state === 'opening' || this.#state === 'open') && !this.#untold.hasLast
  }

  #add(type: string, content: Uint8Array): boolean {
    if (!this.#isHeard) return true
    this.#untold.add(type, content)
    this.#go()
    return this.#hasRoom()
  }

  #hasRoom(): boolean {
    return !this.#isHeard || this.#untold.hasRoom()
  }

  #askToOpen(): void {
    this.#line.post({ body: encodeEvent('OPEN'), mayRepeat: () => false })
  }

  /** Makes the next request, where there is a reason for one and nothing of the last one is left. */
  #go(): void {
    if (!this.#line.isBusy && !this.#answer.isUnderWay) this.#next()
    this.#account()
    if (this.#isHeard && this.#untold.hasRoomAgain()) this.#owner.drained()
  }

  #next(): void {
    if (this.#state === 'opening' || this.#state === 'over') return
    if (this.#untold.isSpent) {
      if (this.#state === 'leaving' || this.#answer.hasClosed) return this.#end()
      if (this.#line.intervalMs === 0) {
        this.#end()
        return this.#owner.ended()
      }
      // Its close may come with a later answer; its owner does not wait long for that (contract §14, fault 29).
    }
    const offer = this.#untold.offer(this.#line.wantsOneEvent)
    if (offer !== undefined) this.#post(offer)
    else this.#line.later(() => this.refresh())
  }

  /** When the node stops, one farewell is all. */
  #post(offer: Omit<EventPost, 'mayRepeat'>): void {
    const mayRepeat = () => this.#state !== 'leaving' || !this.#calls.isEnding
    this.#line.post({ ...offer, mayRepeat })
  }

  // The end.

  /** The owner hears nothing more; the origin hears all that it was not told yet, and this. */
  #bid(last: 'CLOSE' | 'DISCONNECT'): void {
    if (this.#state === 'leaving' || this.#state === 'over') return
    // Nothing was opened. An origin that is being asked sees its connection close.
    if (this.#state === 'opening') return this.#end()
    this.#state = 'leaving'
    this.#deadline = this.#calls.timers.once(farewellMs, () => this.#end())
    this.#answer.drop()
    this.#line.resume()
    this.#untold.addLast(last)
    this.#go()
  }

  /** Whatever became of a request, and whatever its answer says: the origin has to hear the last word. */
  #goOnLeaving(takenBytes: number | undefined): void {
    this.#untold.taken(takenBytes)
    this.#go()
  }

  /** `told`: the origin is not to blame, and hears of it. */
  #lose(cause: string, isTold?: 'told'): void {
    if (this.#state === 'leaving' || this.#state === 'over') return this.#end()
    const wasOpening = this.#state === 'opening'
    if (isTold === undefined) this.#end()
    else this.#bid('DISCONNECT')
    if (wasOpening) {
      const isDebug = this.#choice.rule.debug || this.#calls.settings.debug
      return this.#owner.failed(originFailed(cause, isDebug))
    }
    // Who has the origin's close waits for the client alone.
    if (this.#answer.hasClosed) return
    this.#calls.counters.socketsLost++
    this.#owner.lost(cause)
  }

  #end(): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    this.#line.abort()
    this.#answer.drop()
    this.#untold.clear()
    this.#deadline?.cancel()
    this.#calls.crowd.hold(this, 0)
    this.#calls.counters.socketsOverHttp--
  }

  /** That may end it. */
  #account(): void {
    if (this.#state === 'over') return
    this.#calls.crowd.hold(this, this.#untold.heldBytes + this.#line.heldBytes + this.#answer.heldBytes)
  }
}
