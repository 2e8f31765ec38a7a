// Whether Node.js reads what a gate accepts as the gate does: the same requests, each of the same bytes, ending at the
// same byte. What the gate refuses proves nothing and is not shown to it.
import { equal, fail, ok } from 'node:assert/strict'
import { limits } from '../../contracts/net/gate-malformed-row.ts'
import { NodeReader, type NodeRequest } from './node-reading.ts'
import { cutAt, type Reading, type ReadRequest, readPieces } from './reading.ts'

const marker = Buffer.from('PUT /marker HTTP/1.1\r\nmarker: yes\r\ncontent-length: 6\r\n\r\nmarker')

/** Throws where they differ, and where the gate's own answer depends on the cuts. Returns how many requests it accepted. */
export function compare(bytes: Buffer, places: readonly number[]): number {
  const reading = readPieces([bytes], limits)
  if (places.length > 0) sameReading(readPieces(cutAt(bytes, places), limits), reading)
  const { requests } = reading
  const last = requests.at(-1)
  if (last === undefined) return 0
  const node = new NodeReader()
  try {
    // Node.js drops what is in one piece with a request for an upgrade that nobody listens for, so each ends its piece.
    const upgrades = requests.filter(({ head }) => head.rawHeaders.some(isUpgrade)).map(({ end }) => end)
    const accepted = bytes.subarray(0, last.end)
    for (const piece of cutAt(accepted, [...places, ...upgrades, last.end - 1])) {
      if (last.isWhole && piece.byteOffset + piece.length === accepted.byteOffset + last.end) {
        ok(
          node.requests.length < requests.length || node.requests.at(-1)?.isWhole() === false,
          'it ends too early',
        )
      }
      node.add(piece)
    }
    judge(reading, node)
  } finally {
    node.close()
  }
  return requests.length
}

function judge({ requests, outcome }: Reading, node: NodeReader): void {
  equal(node.fault, undefined, 'Node.js refuses it')
  equal(node.requests.length, requests.length, 'it reads another number of requests')
  for (const [index, request] of requests.entries()) {
    sameRequest(request, node.requests[index] ?? fail('as many'))
  }
  const last = requests.at(-1)
  if (outcome === 'last' || last?.isWhole !== true) return
  node.add(marker)
  equal(node.fault, undefined, 'it refuses the next request')
  equal(node.requests.length, requests.length + 1, 'it does not see the next request')
  const next = node.requests.at(-1)
  equal(`${next?.method} ${next?.url} ${next?.rawHeaders}`, 'PUT /marker marker,yes,content-length,6')
  equal(Buffer.concat(next?.content ?? []).toString(), 'marker')
}

function isUpgrade(text: string, index: number): boolean {
  return index % 2 === 0 && text.toLowerCase() === 'upgrade'
}

function sameRequest({ head, body, isWhole }: ReadRequest, node: NodeRequest): void {
  equal(node.method, head.method, 'method')
  equal(node.version, head.version, 'version')
  equal(node.rawHeaders.length, head.rawHeaders.length, 'number of headers')
  for (const [index, text] of head.rawHeaders.entries()) equal(node.rawHeaders[index], text, 'header')
  const url = node.url ?? ''
  if (url !== head.target) equal(withoutAuthority(url, head.host ?? ''), head.target, 'target')
  ok(body.equals(Buffer.concat(node.content)), 'body')
  equal(node.isWhole(), isWhole, 'whether it is whole')
  ok(node.keepsAlive || !head.keepsAlive, 'we go on where Node.js ends the connection')
}

/** What follows the authority of an absolute form, read by other means than the parser's. */
function withoutAuthority(url: string, host: string): string {
  const slashes = url.indexOf('://')
  const authority = slashes + '://'.length
  if (slashes === -1 || host === '' || !url.startsWith(host, authority)) return `no authority in ${url}`
  const rest = url.slice(authority + host.length)
  return rest.startsWith('/') ? rest : `/${rest}`
}

function sameReading(cut: Reading, whole: Reading): void {
  equal(cut.outcome, whole.outcome, 'what it comes to depends on the cuts')
  equal(cut.requests.length, whole.requests.length, 'the number of requests depends on the cuts')
  for (const [index, request] of whole.requests.entries()) {
    const other = cut.requests[index] ?? fail('as many')
    equal(JSON.stringify(other.head), JSON.stringify(request.head), 'a head depends on the cuts')
    ok(other.body.equals(request.body), 'a body depends on the cuts')
    equal(`${other.end} ${other.isWhole}`, `${request.end} ${request.isWhole}`, 'an end depends on the cuts')
  }
}
