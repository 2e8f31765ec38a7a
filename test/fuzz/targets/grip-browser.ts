// What pages of other sites send: queries that say what a request is to be, and messages of SockJS. What is taken makes one sound
// request, and what leaves is one call, whatever an origin says.
import assert, { deepEqual, equal } from 'node:assert/strict'
import { runInNewContext } from 'node:vm'
import { isCallback } from '../../../src/frontends/grip/browser/callback.ts'
import { wrapped, wrappedHold } from '../../../src/frontends/grip/browser/jsonp-answer.ts'
import { readJsonp } from '../../../src/frontends/grip/browser/jsonp-request.ts'
import { readMessages } from '../../../src/frontends/grip/browser/sockjs/messages.ts'
import { readRequest } from '../../../src/frontends/grip/browser/sockjs/request.ts'
import { isMethod } from '../../../src/net/gate/request-line.ts'
import { choiceOf, FakeExchange } from '../../unit/grip/proxy/given-origin.ts'
import { damaged } from '../damage.ts'
import type { Target } from '../target.ts'

const queries = [
  'callback=cb&a=1&_method=POST&_headers={"X-H":"1","Host":"x","content-length":"3"}&_body=hello%20w',
  'a+b&callback=a.b%5B0%5D&x=%26y&callback=q&_headers=%7B%22a%22%3A%22%0d%0ab%22%7D&_method=DELETE',
  'b=%7B%7D&jc=q&_body=%zz&%63allback=x',
]

const rules = ['*,aco o:80', '*,aco,jsonp_mode=basic,jsonp_cb=jc,jsonp_body=b,jsonp_defcb=d o:80']

const scripts: Target = {
  name: 'grip-script-queries',
  inputs: damaged(queries),
  check(bytes) {
    // A gate lets nothing else through.
    const query = bytes.toString('latin1').replace(/[^\x21-\x7e]|#/g, '')
    for (const rule of rules) {
      const reading = readJsonp(choiceOf(new FakeExchange(`/x?${query}`), rule))
      if (reading === undefined) continue
      if (!reading.ok) {
        assert(/^Invalid (?:callback|_method|_headers|_?body) parameter\.$/.test(reading.error))
        continue
      }
      const { exchange, target, wrapping } = reading.choice
      assert(isMethod(exchange.method) && /^\/x(?:\?[\x21-\x7e]+)?$/.test(target), target)
      equal(exchange.target, target)
      assert(wrapping !== undefined && isCallback(wrapping.callback))
      equal(exchange.rawHeaders.length % 2, 0)
      for (const [at, text] of exchange.rawHeaders.entries()) {
        const form = at % 2 === 0 ? /^[!#$%&'*+.^_`|~\w-]+$/ : /^[\t\x20-\x7e\x80-\xff]*$/
        assert(form.test(text), 'headers are headers')
        if (at % 2 === 0) assert(!/^(?:content-length|transfer-encoding|grip-.*)$/i.test(text), text)
      }
      equal(exchange.rawHeaders.filter(text => text.toLowerCase() === 'host').length, 1)
    }
  },
}

const bodies = ['plain "text"\n', '\u2028</script>\\u0000\0é😀', '{"a":[1,"\u2029"]}\r\n']

const answers: Target = {
  name: 'grip-script-answers',
  inputs: damaged(bodies),
  share: 0.2,
  check(body) {
    const value = body.toString('latin1').replace(/[^\t\x20-\x7e\x80-\xff]/g, '')
    const answer = { status: 202, reason: 'Accepted', rawHeaders: ['X-A', value, '__proto__', value], body }
    for (const wrap of [wrapped, wrappedHold]) {
      const script = Buffer.from(wrap({ callback: 'f', isExtended: true }, answer).body).toString()
      const calls: string[] = []
      runInNewContext(script, { f: (given: unknown) => void calls.push(JSON.stringify(given)) })
      equal(calls.length, 1)
      const { code, reason, body: text, headers } = JSON.parse(calls[0] ?? '')
      deepEqual([code, reason, text], [202, 'Accepted', body.toString()])
      equal(headers['X-A'], Buffer.from(value, 'latin1').toString())
    }
  },
}

const lists = ['["a","b\\u00e9","\\ud83d"]', '[]', '[["a"],1,{"a":"b"}]']

const messages: Target = {
  name: 'grip-sockjs-messages',
  inputs: damaged(lists),
  check(bytes) {
    const text = bytes.toString()
    for (const message of readMessages(text) ?? []) equal(typeof message, 'string')
    for (const method of ['GET', 'POST']) {
      const request = readRequest(method, `/${text}`)
      if (request.kind === 'part') assert(request.session.length <= 256 && !request.part.includes('/'))
    }
  },
}

export const targets: readonly Target[] = [scripts, answers, messages]
