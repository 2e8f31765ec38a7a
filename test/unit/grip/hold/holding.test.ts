// What one request holds, against the engine: its subscriptions stay while its origin is asked again, and nothing is lost.
import { deepEqual, equal } from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import type { ChannelName } from '../../../../src/engine/words/publication.ts'
import { Filters } from '../../../../src/frontends/grip/filter/filters.ts'
import { Frames } from '../../../../src/frontends/grip/format.ts'
import { Holding } from '../../../../src/frontends/grip/hold/holding.ts'
import { StoredBytes } from '../../../../src/frontends/grip/hold/stored-bytes.ts'
import { Timers } from '../../../../src/frontends/grip/hold/timers.ts'
import type { HoldChannel } from '../../../../src/frontends/grip/instruct/instruct.ts'
import { draftOf } from '../../../../src/frontends/grip/item/draft.ts'
import type { Item } from '../../../../src/frontends/grip/item/item.ts'
import { channelName, Mesh } from '../../../helpers/mesh.ts'
import { content, FakeResponse, holdOf, instructOf, itemWith, response } from './given-hold.ts'

const stored = { status: 200, reason: 'OK', rawHeaders: [], body: Buffer.from('stored') }
const hint = itemWith({ response: { action: 'hint' } })

/** Channels belong to the second worker, so that they go live a turn later. */
class Scene {
  readonly mesh = new Mesh({ workers: 2, ownerOf: () => 1, history: { size: 3, bytesMax: 1e9 } })
  readonly told: string[] = []
  readonly response = new FakeResponse()
  readonly holding: Holding
  /** What runs once all channels are live. */
  onJoined: () => void = () => {}

  constructor(resumes = false) {
    const [engine] = this.mesh.engines
    if (engine === undefined) throw new Error('no engine')
    const frames = new Frames()
    const { clock } = this.mesh
    const tell = (what: string) => void this.told.push(what)
    this.holding = new Holding(
      {
        holds: {
          engine,
          clock,
          via: 'grip',
          format: frames.format,
          lingerMs: 60_000,
          resumes: () => resumes,
        },
        frames,
        timers: new Timers(clock),
        stored: new StoredBytes(() => 1_000_000),
        filters: new Filters({ clock, lines: { filterFailed() {} }, perSecond: () => 100 }),
      },
      {
        isDebug: false,
        route: '',
        channelsOf: ({ channels }) =>
          new Map(
            channels.map(channel => [channelName(channel.name), channel] as [ChannelName, HoldChannel]),
          ),
        joined: () => {
          tell('joined')
          this.onJoined()
        },
        answer: (_stored, format) =>
          tell(format === undefined ? 'answer' : `answer ${Buffer.from(format.body as Uint8Array)}`), // no patches here
        askAgain: isAtOnce => {
          tell(isAtOnce ? 'again now' : 'again soon')
          this.holding.wait()
        },
        fetch: (_uri, isAtOnce) => tell(isAtOnce ? 'fetch now' : 'fetch soon'),
        ended: () => tell('ended'),
        behind: () => tell('behind'),
        torn: () => tell('torn'),
        lost: () => tell('lost'),
        filterOrigin: () => ({ uri: 'http://h/x', rule: { id: undefined, line: 1 }, post: () => undefined }),
      },
    )
  }

  /** Its origin answered with a response hold. */
  poll(...channels: readonly Partial<HoldChannel>[]): void {
    this.holding.join(holdOf({ mode: 'response', channels: channels.map(channel) }))
    this.holding.poll(stored, 55_000, 0)
    this.mesh.settle()
  }

  /** Its origin answered with a stream hold, and its page is whole. */
  stream(...channels: readonly Partial<HoldChannel>[]): void {
    const next = { uri: 'http://h/next', timeoutMs: 120_000 }
    const instruct = instructOf({ hold: holdOf({ channels: channels.map(channel) }), next })
    this.onJoined = () => {
      this.onJoined = () => {}
      this.holding.open(this.response, instruct).pageEnded(instruct)
    }
    this.holding.join(holdOf({ channels: channels.map(channel) }))
    this.mesh.settle()
  }

  publish(item: Item, channel = 'a'): void {
    const draft = draftOf({ ...item, channel })
    if (draft === undefined) throw new Error('no draft')
    this.mesh.engines[1]?.publish(draft, () => {})
    this.mesh.settle()
  }

  get heard(): readonly string[] {
    return this.told.splice(0).filter(what => what !== 'joined')
  }
}

function channel({ name = 'a', prevId }: Partial<HoldChannel>): HoldChannel {
  return { name, filters: [], ...(prevId !== undefined && { prevId }) }
}

let scene: Scene
beforeEach(() => {
  scene = new Scene()
})

describe('a long poll', () => {
  test('is answered by what is published once its channels are live', () => {
    scene.poll({})
    scene.publish(response('one'))
    deepEqual(scene.heard, ['answer one'])
  })

  test('has what was published while its origin was asked again', () => {
    scene.poll({})
    scene.publish(hint)
    scene.publish(response('meanwhile'))
    deepEqual(scene.heard, ['again now'])
    scene.poll({})
    deepEqual(scene.heard, ['answer meanwhile'])
  })

  test('leaves channels that it is not to hold any more, and keeps the others without a break', () => {
    scene.poll({ name: 'a' }, { name: 'b' })
    const subscribers = () => scene.mesh.engines[0]?.statistics().hub['subscribers']
    equal(subscribers(), 2)
    scene.publish(hint, 'a')
    scene.publish(response('of b'), 'b')
    scene.poll({ name: 'b' }, { name: 'c' })
    deepEqual(scene.heard, ['again now', 'answer of b'])
    scene.holding.leave()
    equal(subscribers(), 0)
  })

  test('that is asked again does not take the place that it began at for the one where the channel is', () => {
    scene.mesh.subscribe(1, 'a')
    scene.publish(response('', { id: '1' }))
    scene.poll({ prevId: '1' })
    scene.publish({ ...hint, id: '2', prevId: '1' })
    deepEqual(scene.heard, ['again now'])
    scene.poll({ prevId: '2' })
    deepEqual(scene.heard, [], 'and not once more, again and again')
    scene.publish(response('three', { id: '3', prevId: '2' }))
    deepEqual(scene.heard, ['answer three'])
  })

  test('drops what its origin knew when it was asked again, and asks once more for what is missing', () => {
    scene.poll({ prevId: '1' })
    scene.publish(hint)
    scene.publish(response('2', { id: '2', prevId: '1' }))
    scene.publish(response('3', { id: '3', prevId: '2' }))
    scene.poll({ prevId: '3' })
    deepEqual(scene.heard, ['again now'])
    scene.publish(hint)
    scene.publish(response('5', { id: '5', prevId: '4' }))
    scene.mesh.clock.advance(6_000)
    scene.mesh.settle()
    scene.poll({ prevId: '3' })
    deepEqual(scene.heard, ['again now', 'again soon'])
  })

  test('is looked at anew when ids are forgotten, once', () => {
    scene.mesh.subscribe(1, 'a')
    scene.publish(response('', { id: '1' }))
    scene.poll({ prevId: '1' })
    scene.mesh.engines[0]?.forgetLastIds()
    scene.holding.recover()
    deepEqual(scene.heard, ['again soon'])
    scene.poll({ prevId: '7' })
    deepEqual(scene.heard, [])
  })

  test('whose origin is asked too long is cut, for he would miss something', () => {
    scene.poll({})
    scene.publish(hint)
    for (let count = 0; count <= 100; count++) scene.publish(content('x'))
    deepEqual(scene.heard.slice(0, 2), ['again now', 'torn'])
  })

  test('is answered as stored where the node stops', () => {
    scene.poll({})
    scene.mesh.engines[0]?.drain(0)
    deepEqual(scene.heard, ['answer'])
  })

  test('is lost where the node stops while its origin is asked', () => {
    scene.poll({})
    scene.publish(hint)
    scene.mesh.engines[0]?.drain(0)
    deepEqual(scene.heard, ['again now', 'lost'])
  })

  test('is refused where the node stops, and holds nothing', () => {
    scene.mesh.engines[0]?.drain(0)
    equal(scene.holding.join(holdOf({ mode: 'response', channels: [channel({})] })), 'draining')
    deepEqual(scene.holding.channels, [])
  })

  test('of no channel needs nobody', () => {
    scene.poll()
    deepEqual(scene.told, ['joined'])
    scene.mesh.clock.advance(55_000)
    deepEqual(scene.heard, ['answer'])
  })
})

describe('a stream', () => {
  test('has its items behind its first page, which follows its channels', () => {
    scene.stream({})
    scene.publish(content('one;'))
    deepEqual(scene.response.written, ['raw:4\r\none;\r\n'])
  })

  test('asks for its page once where it is not where the channel is, and items wait for that', () => {
    scene.mesh.subscribe(1, 'a')
    scene.publish(content('', { id: '2' }))
    scene.stream({ prevId: '1' })
    deepEqual(scene.heard, ['fetch soon'])
    scene.publish(content('3;', { id: '3', prevId: '2' }))
    deepEqual(scene.response.written, [])
    deepEqual(scene.heard, [])
  })

  test('that was behind has what waited for it as soon as it takes more', () => {
    scene.stream({})
    scene.response.isWritable = false
    scene.publish(content('one;'))
    scene.publish(content('two;'))
    scene.publish(content('three;'))
    deepEqual(scene.heard, ['behind'])
    deepEqual(scene.response.written, ['raw:4\r\none;\r\n'])
    scene.response.isWritable = true
    scene.holding.drained()
    scene.mesh.settle()
    deepEqual(scene.response.written.slice(1), ['raw:4\r\ntwo;\r\n6\r\nthree;\r\n'])
  })

  test('ends in order where the node stops', () => {
    scene.stream({})
    scene.mesh.engines[0]?.drain(0)
    deepEqual(scene.heard, ['ended'])
    deepEqual(scene.response.written, ['END'])
  })

  test('hears nothing once it was left', () => {
    scene.stream({})
    scene.holding.leave()
    scene.publish(content('one;'))
    scene.holding.recover()
    scene.holding.drained()
    deepEqual(scene.response.written, [])
    deepEqual(scene.heard, [])
  })
})

describe('a hold that resumes from history', () => {
  /** Three items; history keeps as many. */
  function begun(ids: readonly string[] = ['1', '2', '3']): Scene {
    const begun = new Scene(true)
    for (const id of ids) begun.publish({ ...content(`<${id}>`, { id }), response: response(id).response })
    return begun
  }

  test('answers a long poll at once with what followed, and its origin is not asked', () => {
    const behind = begun()
    behind.poll({ prevId: '1' })
    deepEqual(behind.heard, ['answer 2'])
  })

  test('lets a long poll wait that has everything', () => {
    const upToDate = begun()
    upToDate.poll({ prevId: '3' })
    deepEqual(upToDate.heard, [])
    upToDate.publish(response('4', { id: '4', prevId: '3' }))
    deepEqual(upToDate.heard, ['answer 4'])
  })

  test('writes what followed behind the first page of a stream, once and in order, then what is published', () => {
    const behind = begun()
    behind.stream({ prevId: '1' })
    deepEqual(behind.response.written, ['<2>', '<3>'])
    behind.publish(content('<4>', { id: '4', prevId: '3' }))
    deepEqual(behind.response.written, ['<2>', '<3>', '<4>'])
    deepEqual(behind.heard, [])
  })

  test('asks the origin where history does not go back so far', () => {
    const behind = begun(['1', '2', '3', '4'])
    behind.mesh.subscribe(0, 'a')
    behind.mesh.settle()
    behind.publish(content('<5>', { id: '5', prevId: '4' }))
    behind.stream({ prevId: '1' })
    deepEqual(behind.heard, ['fetch soon'])
  })

  test('does not hold what left before history answered', () => {
    const left = begun()
    left.holding.join(holdOf({ mode: 'response', channels: [channel({ prevId: '1' })] }))
    left.holding.leave()
    left.mesh.settle()
    equal(left.mesh.engines[0]?.statistics().hub['subscribers'], 0)
    deepEqual(left.told, [])
  })
})
