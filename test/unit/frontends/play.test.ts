import { equal } from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { quoteWord } from '../../../src/frontends/play.ts'

test('a quoted word is one word of a shell and means itself', () => {
  const words = ['', 'demo', 'a b', "it's", `"'$(exit 1)\`\\`, '-n', 'http://a/b?c=%20&d#e', '*', '~', 'ü\n;']
  const line = `printf '<%s>' ${words.map(quoteWord).join(' ')}`
  equal(execFileSync('sh', ['-c', line], { encoding: 'utf8' }), words.map(word => `<${word}>`).join(''))
})
