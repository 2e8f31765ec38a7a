// What the owner of a channel tells an operator who asks: place, subscribers, a page of history; from any worker, and
// without making a channel that is only asked about.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { InspectOptions, InspectOutcome } from '../../../../src/engine/owner/inspection.ts'
import { formatPosition, parsePosition } from '../../../../src/engine/words/position.ts'
import type { Sequence } from '../../../../src/engine/words/sequence.ts'
import { channelName, Mesh, type MeshOptions } from '../../../helpers/mesh.ts'
import { historyEntryBytes, historyListBytes, publishAll, texts } from '../../../helpers/published.ts'

/** `since` as text. */
type Asked = Partial<Omit<InspectOptions, 'since'>> & { readonly since?: string | undefined }

/** The outcomes appear in the returned list once there are some. */
function ask(mesh: Mesh, slot: number, channel: string, { since, limit = 1_000, id }: Asked = {}) {
  const outcomes: InspectOutcome[] = []
  const options = { since: since === undefined ? undefined : parsePosition(since), limit, id }
  mesh.engines[slot]?.inspect(channelName(channel), options, outcome => outcomes.push(outcome))
  return outcomes
}

function inspect(mesh: Mesh, slot: number, channel: string, asked: Asked = {}) {
  const outcomes = ask(mesh, slot, channel, asked)
  mesh.settle()
  const [outcome] = outcomes
  if (outcomes.length !== 1 || typeof outcome !== 'object') throw new Error(`no answer: ${outcomes}`)
  const { publications, position, ...rest } = outcome
  const told = publications.map(({ content }) => Buffer.from(content.payload).toString())
  return { ...rest, publications, texts: told, position: position && formatPosition(position) }
}

/** Texts, gap and more: what most tests are about. */
function page(mesh: Mesh, asked: Asked, channel = 'c0') {
  const { texts, gap, more } = inspect(mesh, 0, channel, asked)
  return [texts, gap, more]
}

/** Five publications, of which history holds the last as many. */
function kept(size: number, options: MeshOptions = {}): { mesh: Mesh; positions: string[] } {
  const mesh = new Mesh({ ...options, history: { size, bytesMax: 1e9, ...options.history } })
  return { mesh, positions: publishAll(mesh, 0, 'c0', texts(5)) }
}

describe('inspection', () => {
  test('every worker is told the same: place, subscribers of the node, history, each publication', () => {
    const { mesh, positions } = kept(3)
    for (const slot of [0, 1, 1, 2]) mesh.subscribe(slot, 'c0')
    mesh.settle()
    const told = [0, 1, 2].map(slot => inspect(mesh, slot, 'c0', { limit: 2 }))
    for (const one of told) {
      const { publications, ...rest } = one
      deepEqual(rest, {
        position: positions[4],
        subscribers: 4,
        texts: ['3', '4'],
        gap: false,
        more: true,
        history: { size: 3, bytes: historyListBytes + 3 * (1 + historyEntryBytes) },
      })
      deepEqual(
        publications.map(({ channel, offset, content: { kind } }) => [channel, offset, kind]),
        [3, 4].map(n => ['c0', parsePosition(positions[n]!)?.offset, 'text']), // one for each text
      )
    }
  })

  test('a channel that nobody knows stays unknown, and its next epoch is a new one', () => {
    const mesh = new Mesh({ history: { size: 3 } })
    const nothing = {
      publications: [],
      texts: [],
      subscribers: 0,
      more: false,
      history: { size: 0, bytes: 0 },
    }
    for (const slot of [0, 1]) {
      deepEqual(inspect(mesh, slot, 'c0'), { ...nothing, position: undefined, gap: false })
      deepEqual(inspect(mesh, slot, 'c0', { since: '7' }), { ...nothing, position: undefined, gap: true })
    }
    equal(mesh.engines[0]?.statistics().shard['channels'], 0)
    deepEqual(mesh.engines[0]?.snapshot(), [])
  })

  test('a channel that only has subscribers stands before its first publication', () => {
    const mesh = new Mesh()
    const subscriber = mesh.subscribe(1, 'c0')
    mesh.settle()
    const { position, subscribers, texts } = inspect(mesh, 2, 'c0')
    deepEqual([position, subscribers, texts], [formatPosition(subscriber.position!), 1, []]) // it is live
  })

  test('a channel without history has a place and nothing else', () => {
    const { mesh, positions } = kept(0)
    deepEqual(inspect(mesh, 1, 'c0').position, positions[4])
    deepEqual(page(mesh, {}), [[], false, false])
    deepEqual(page(mesh, { since: positions[4] }), [[], false, false])
    deepEqual(page(mesh, { since: positions[3] }), [[], true, false])
  })

  test('every worker is told where the newest with an id is, among those in order that history holds', () => {
    const mesh = new Mesh({ history: { size: 3 } })
    const say = (text: string, sequence: Sequence) => {
      mesh.publish(1, 'c0', text, { sequence })
      mesh.settle()
    }
    const offsetOf = (id: string) =>
      [0, 1, 2].map(slot => inspect(mesh, slot, 'c0', { limit: 0, id }).placed?.offset)
    deepEqual(offsetOf('a'), [undefined, undefined, undefined])
    for (const id of ['a', 'b', 'c']) say(id, { id })
    const [first = 0] = offsetOf('a')
    deepEqual(offsetOf('c'), [first + 2, first + 2, first + 2])
    say('beside the order', { id: 'd', isLoose: true })
    deepEqual(offsetOf('d'), [undefined, undefined, undefined])
    deepEqual(offsetOf('a'), [undefined, undefined, undefined], 'it is not held any more')
    deepEqual(offsetOf('b'), [first + 1, first + 1, first + 1])
  })

  test('asking does not keep an idle channel longer', () => {
    const mesh = new Mesh({ settings: { idleChannelsMax: 2 } })
    for (const channel of ['a0', 'b0']) publishAll(mesh, 0, channel, ['x'])
    inspect(mesh, 1, 'a0')
    publishAll(mesh, 0, 'd0', ['x'])
    equal(inspect(mesh, 1, 'a0').position, undefined)
  })
})

describe('inspection, pages of history', () => {
  test('without a position: the last ones, and whether there are older', () => {
    const { mesh } = kept(4)
    deepEqual(page(mesh, { limit: 3 }), [['2', '3', '4'], false, true])
    deepEqual(page(mesh, { limit: 4 }), [['1', '2', '3', '4'], false, false])
    deepEqual(page(mesh, { limit: 0 }), [[], false, true])
  })

  test('with a position: what follows it, and whether there is more', () => {
    const { mesh, positions } = kept(4)
    const [before, first, , fourth, last] = positions
    deepEqual(page(mesh, { since: before, limit: 3 }), [['1', '2', '3'], false, true])
    deepEqual(page(mesh, { since: before, limit: 4 }), [['1', '2', '3', '4'], false, false])
    deepEqual(page(mesh, { since: first, limit: 0 }), [[], false, true])
    deepEqual(page(mesh, { since: fourth }), [['4'], false, false])
    deepEqual(page(mesh, { since: last }), [[], false, false])
  })

  test('pages follow each other to the end', () => {
    const { mesh, positions } = kept(5)
    const seen: string[] = []
    for (let since = positions[0], more = true; more; ) {
      const answer = inspect(mesh, 1, 'c0', { since, limit: 2 })
      seen.push(...answer.texts)
      since = `${since?.split('.')[0]}.${answer.publications.at(-1)?.offset}`
      more = answer.more
    }
    deepEqual(seen, ['1', '2', '3', '4'])
  })

  test('a position that history does not cover is a gap, and what is left of what follows it is told', () => {
    const { mesh, positions } = kept(3)
    const offset = (index: number) => Number(positions[index]?.split('.')[1])
    const all = ['2', '3', '4']
    deepEqual(page(mesh, { since: positions[0] }), [all, true, false])
    deepEqual(page(mesh, { since: positions[0], limit: 2 }), [['2', '3'], true, true])
    deepEqual(page(mesh, { since: `other.${offset(3)}` }), [all, true, false])
    deepEqual(page(mesh, { since: '0' }), [all, true, false])
    deepEqual(page(mesh, { since: `${positions[0]?.split('.')[0]}.${offset(4) + 1}` }), [[], true, false])
    deepEqual(page(mesh, { since: `${Number.MAX_SAFE_INTEGER - 1}` }), [[], true, false])
  })

  test('a bare offset is one of the current epoch', () => {
    const { mesh, positions } = kept(3)
    const since = positions[2]?.split('.')[1]
    deepEqual(page(mesh, { since }), [['3', '4'], false, false])
    deepEqual(inspect(mesh, 1, 'c0', { since }).texts, ['3', '4'])
  })

  test('an answer has 1,000 publications at most, whatever is asked for', () => {
    const mesh = new Mesh({ history: { size: 2_000, bytesMax: 1e9 } })
    publishAll(mesh, 0, 'c0', texts(1_000))
    const counted = () =>
      [inspect(mesh, 1, 'c0', { limit: 5_000 })].map(({ texts, more }) => [texts.length, more])
    deepEqual(counted(), [[1_000, false]])
    publishAll(mesh, 0, 'c0', ['more'])
    deepEqual(counted(), [[1_000, true]])
  })

  test('an answer has a mebibyte of payloads at most, but one publication at least', () => {
    const mesh = new Mesh({ history: { size: 10, bytesMax: 1e9 }, settings: { linkBytesMax: 1e9 } })
    const half = 524_288
    const [start] = publishAll(mesh, 0, 'c0', ['start', 'a'.repeat(half), 'b'.repeat(half)])
    const sizes = (asked: Asked) => {
      const { texts, more } = inspect(mesh, 1, 'c0', asked)
      return [texts.map(text => [text[0], text.length]), more]
    }
    const both = [
      ['a', half],
      ['b', half],
    ]
    deepEqual(sizes({ since: start }), [both, false])
    deepEqual(sizes({}), [both, true])
    publishAll(mesh, 0, 'c0', ['c'.repeat(half + 1)])
    deepEqual(sizes({ since: start }), [both, true])
    deepEqual(sizes({}), [[['c', half + 1]], true])
    const [before] = publishAll(mesh, 0, 'd0', ['', 'd'.repeat(4 * half), 'e'])
    deepEqual(
      inspect(mesh, 1, 'd0', { since: before }).texts.map(({ length }) => length),
      [4 * half],
    )
    deepEqual(inspect(mesh, 1, 'd0', {}).texts, ['e'])
  })
})

describe('inspection, answered once', () => {
  test('the owner that is lost meanwhile, or is away, answers owner-lost', () => {
    const { mesh } = kept(3)
    const asked = ask(mesh, 1, 'c0')
    mesh.turn()
    deepEqual(asked, [])
    mesh.kill(0)
    deepEqual([...asked], ['owner-lost'])
    deepEqual(ask(mesh, 1, 'c0'), ['owner-lost'])
    deepEqual([asked.length, mesh.engines[1]?.pending], [1, 0])
    equal(mesh.engines[1]?.statistics().router['questionsRefused'], 2)
    mesh.start(0)
    mesh.settle()
    deepEqual([asked.length, typeof ask(mesh, 0, 'c0')[0]], [1, 'object'])
  })

  test('an answer that was sent before the owner ended is taken', () => {
    const { mesh, positions } = kept(3)
    const asked = ask(mesh, 1, 'c0')
    mesh.turn()
    mesh.deliver(1, 0)
    mesh.kill(0)
    mesh.settle()
    deepEqual(
      asked.map(
        outcome => typeof outcome === 'object' && outcome.position && formatPosition(outcome.position),
      ),
      [positions[4]],
    )
  })

  test('a worker that said farewell speaks for no channel', () => {
    const { mesh } = kept(3)
    mesh.retire(0)
    deepEqual(ask(mesh, 0, 'c0'), ['owner-lost'])
  })

  test('sixteen pages may be under way at once, and as many questions without a page as are asked', () => {
    const { mesh } = kept(3)
    const pages = Array.from({ length: 17 }, () => ask(mesh, 1, 'c0', { limit: 1 }))
    const [places] = Array.from({ length: 20 }, () => ask(mesh, 1, 'c0', { limit: 0 })).slice(-1)
    deepEqual(
      pages.map(outcomes => outcomes[0]),
      [...Array.from({ length: 16 }, () => undefined), 'overloaded'],
    )
    mesh.settle()
    ok(pages.slice(0, 16).every(([outcome]) => typeof outcome === 'object'))
    deepEqual([places?.length, inspect(mesh, 1, 'c0').texts.length], [1, 3])
    const { questions, questionsRefused, pending } = mesh.engines[1]?.statistics().router ?? {}
    deepEqual([questions, questionsRefused, pending], [37, 1, 0])
    equal(mesh.engines[0]?.statistics().shard['inspections'], 37)
  })

  test('pages that were lost with an owner are not under way any more', () => {
    const { mesh } = kept(3)
    for (let n = 0; n < 16; n++) ask(mesh, 1, 'c0')
    mesh.kill(0)
    mesh.start(0)
    mesh.settle()
    const again = Array.from({ length: 17 }, () => ask(mesh, 1, 'c0'))
    deepEqual(
      again.flat().filter(outcome => outcome === 'overloaded'),
      ['overloaded'],
    )
  })
})
