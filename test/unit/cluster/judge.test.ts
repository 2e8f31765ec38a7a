// The judge of outages finds each thing that must not be, and nothing else. A test that it calls clean is worth what stands here.
import { deepEqual, equal, match } from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  judge,
  type Place,
  type PublisherRecord,
  type Rules,
  type Seen,
} from '../../helpers/cluster/judge.ts'

const strict: Rules = { historyHoldsAll: true, renumbers: false }

/** `3@a7`: number 3 of the publisher `p` at a.7; `>a7` told, `!a7` a gap, `x` closed. */
function seen(text: string, publisher = 'p'): Seen[] {
  return text.split(' ').map((word): Seen => {
    if (word === 'x') return { kind: 'closed' }
    if (word.startsWith('>')) return { kind: 'told', ...placeIn(word.slice(1)) }
    if (word.startsWith('!')) return { kind: 'gap', ...placeIn(word.slice(1)) }
    const [number = '', place = ''] = word.split('@')
    const [own = publisher, digits = number] = /^(\D+)(\d+)$/.exec(number)?.slice(1) ?? []
    return { kind: 'delivery', publisher: own, number: Number(digits), ...placeIn(place) }
  })
}

function placeIn(text: string): Place {
  return { epoch: text.slice(0, 1), offset: Number(text.slice(1)) }
}

function published(upTo: number, more: Partial<PublisherRecord> = {}): PublisherRecord {
  const numbers = Array.from({ length: upTo }, (_, index) => index + 1)
  const given = numbers.filter(number => !more.refused?.has(number) && !more.doubtful?.has(number))
  return {
    name: 'p',
    channel: 'c',
    acknowledged: new Map(given.map(number => [number, undefined])),
    ...more,
  }
}

function verdict(
  texts: string | readonly string[],
  publisher = published(3),
  rules = strict,
): readonly string[] {
  const all = typeof texts === 'string' ? [texts] : texts
  const subscribers = all.map((text, index) => ({ name: `s${index}`, channel: 'c', seen: seen(text) }))
  return judge(subscribers, [publisher], rules)
}

function finds(text: string | readonly string[], what: RegExp, publisher?: PublisherRecord, rules = strict) {
  const found = verdict(text, publisher, rules)
  match(found.join('; '), what)
  equal(found.length, 1, found.join('; '))
}

describe('the judge lets pass', () => {
  test('everything in order, over closed connections', () => {
    deepEqual(verdict('>a0 1@a1 x >a1 2@a2 3@a3'), [])
  })

  test('a gap that hides what was acknowledged and lost with its numbering', () => {
    deepEqual(verdict('>a0 1@a1 !b9 3@b10'), [])
    deepEqual(verdict('>a0 1@a1 2@a2 !b9', published(3)), [])
  })

  test('a publication that comes again in another numbering, behind a gap', () => {
    deepEqual(verdict('>a0 1@a1 2@a2 !b9 2@b10 3@b11'), [])
  })

  test('what one subscriber lost inside its gap and another one has, where it was not kept', () => {
    const texts = ['>a0 1@a1 2@a2 3@a3', '>a0 1@a1 !a2 3@a3']
    deepEqual(verdict(texts, published(3), { ...strict, historyHoldsAll: false }), [])
  })

  test('holes where a number was refused for certain, and doubt about whether it came', () => {
    deepEqual(verdict('>a0 1@a1 3@a2', published(3, { refused: new Set([2]) })), [])
    const doubtful = published(3, { doubtful: new Set([2]) })
    deepEqual(verdict('>a0 1@a1 3@a2', doubtful), [])
    deepEqual(verdict('>a0 1@a1 2@a2 3@a3', doubtful), [])
  })

  test('a numbering that goes on elsewhere without a gap, where the broker may say so', () => {
    const rules = { ...strict, renumbers: true }
    deepEqual(verdict('>a0 1@a1 2@b1000 3@b1001', published(3), rules), [])
    deepEqual(verdict('>a0 1@a1 >b999 2@b1000 3@b1001', published(3), rules), [])
  })

  test('two publishers of a channel, whichever was first', () => {
    const subscriber = { name: 's', channel: 'c', seen: seen('>a0 p1@a1 q1@a2 q2@a3 p2@a4 p3@a5') }
    deepEqual(judge([subscriber], [published(3), published(2, { name: 'q' })], strict), [])
  })
})

describe('the judge finds', () => {
  test('a publication that is lost without a gap, in the middle, at the start and at the end', () => {
    finds('>a0 1@a1 3@a2', /p#2 lost without a gap/)
    finds('>a0 2@a1 3@a2', /p#1 lost without a gap/)
    finds('>a0 1@a1 2@a2', /has p up to #2; 1 later ones/)
    finds('>a0', /has p up to #0; 3 later ones/)
  })

  test('a loss that a gap which was told earlier does not cover', () => {
    finds('>a0 !b5 1@b6 3@b7', /p#2 lost without a gap/)
    finds('>a0 1@a1 !b5 2@b6', /has p up to #2/)
  })

  test('a loss without a gap of one of two publishers', () => {
    const subscriber = { name: 's', channel: 'c', seen: seen('>a0 p1@a1 q1@a2 p2@a3 p3@a4') }
    const found = judge([subscriber], [published(3), published(2, { name: 'q' })], strict)
    match(found.join('; '), /^s of c: has q up to #1; 1 later/)
  })

  test('a loss that shows only as a hole in the offsets', () => {
    finds('>a0 1@a1 2@a3 3@a4', /is at a.1 and was sent p#2 at a.3/)
  })

  test('a publication that comes twice', () => {
    match(
      verdict('>a0 1@a1 2@a2 2@a3 3@a4').join('; '),
      /p#2 stands twice, at 2 and 3; .*p#2 came twice in epoch a/,
    )
    match(verdict('>a0 1@a1 !a2 1@a3 2@a4 3@a5').join('; '), /p#1 came twice in epoch a/)
    const rules = { ...strict, renumbers: true }
    finds('>a0 1@a1 2@a2 2@b9 3@b10', /p#2 came twice without a gap/, published(3), rules)
  })

  test('a publication that stands twice in a numbering, though each subscriber has it once', () => {
    const texts = ['>a0 1@a1 2@a2 3@a3', '>a0 1@a1 2@a2 !a3 3@a4']
    match(
      verdict(texts, published(3), { ...strict, historyHoldsAll: false }).join('; '),
      /p#3 stands twice, at 3 and 4/,
    )
  })

  test('an order that is not the publisher’s', () => {
    match(verdict('>a0 2@a1 1@a2 3@a3').join('; '), /p#1 came out of order, behind #2/)
  })

  test('two subscribers that have different publications at one place', () => {
    finds(
      ['>a0 1@a1 !b5 2@b6 3@b7', '>a0 1@a1 2@a2 !b6 3@b7', '>a0 1@a1 2@a2 !b5 3@b6'],
      /^c b\.6: s2 has p#3, another one p#2$|^c b: p#3 stands twice, at 7 and 6/,
    )
  })

  test('a place that the publisher was told and that another publication has', () => {
    const acknowledged = new Map([1, 2, 3].map(number => [number, { epoch: 'a', offset: number }]))
    deepEqual(verdict('>a0 1@a1 2@a2 3@a3', published(3, { acknowledged })), [])
    acknowledged.set(3, { epoch: 'a', offset: 2 })
    match(
      verdict('>a0 1@a1 2@a2 3@a3', published(3, { acknowledged })).join('; '),
      /c a.2: publisher p has p#3, another one p#2/,
    )
  })

  test('a resume that is told another place than the client has', () => {
    finds('>a0 1@a1 x >a2 2@a3 3@a4', /is at a.1 and was told a.2 without a gap/)
  })

  test('another numbering without a gap', () => {
    finds('>a0 1@a1 2@b9 3@b10', /went from a.1 to b.9 without a gap/)
    finds('>a0 1@a1 x >b8 2@b9 3@b10', /went from a.1 to b.8 without a gap/)
  })

  test('a loss as a numbering goes on elsewhere', () => {
    finds('>a0 1@a1 3@b9', /p#2 lost without a gap/, published(3), { ...strict, renumbers: true })
  })

  test('a numbering that comes back', () => {
    match(verdict('>a0 1@a1 !b9 2@b10 !a1 3@a2').join('; '), /is back in epoch a/)
  })

  test('a gap that leads backwards', () => {
    match(verdict('>a0 1@a1 2@a2 !a1 3@a3').join('; '), /told a gap up to a.1, which is before it/)
  })

  test('a gap that hides what history has, in the same numbering and in a new one', () => {
    finds(['>a0 1@a1 2@a2 3@a3', '>a0 1@a1 !a2 3@a3'], /the gap up to a.2 hides p#2, which stands at a.2/)
    finds(
      ['>a0 1@a1 !b9 2@b10 3@b11', '>a0 1@a1 !b10 3@b11'],
      /the gap up to b.10 hides p#2, which stands at b.10/,
    )
  })

  test('what nobody published, and what was refused for certain', () => {
    finds('>a0 1@a1 2@a2 3@a3 4@a4', /nobody published p#4/)
    finds('>a0 1@a1 2@a2 3@a3 z1@a4', /nobody published z#1/)
    finds(
      '>a0 1@a1 2@a2 3@a3',
      /p#2 was refused for certain, and came/,
      published(3, { refused: new Set([2]) }),
    )
  })

  test('a delivery before the subscriber knows where it is', () => {
    finds('1@a1 2@a2 3@a3', /p#1 came before it was told where it is/)
  })

  test('more than anybody reads, and says how many', () => {
    const found = verdict(Array.from({ length: 40 }, () => '>a0 1@a1 2@a2'))
    deepEqual([found.length, found.at(-1)], [31, 'and 10 more'])
  })
})
