// The page that a browser gets for a path: a look at the channel, for people. Nothing is loaded from elsewhere, and
// the policy allows no script but the one here.
import { createHash } from 'node:crypto'
import type { Reply } from '../../net/reply.ts'

/** Period of the empty messages, which each bring one back: a sign of life for the page, not for the server. */
const script = `
const log = document.querySelector('pre')
const say = text => log.append(text + '\\n')
const socket = new WebSocket(location.href.replace(/^http/, 'ws').replace(/#.*/, ''))
const beat = setInterval(() => socket.send(''), 30000)
socket.onopen = () => say('Connection open.')
socket.onmessage = event => { if (typeof event.data === 'string' && event.data !== '') say(event.data) }
socket.onclose = () => { clearInterval(beat); say('Connection closed.') }
document.querySelector('form').onsubmit = event => {
  event.preventDefault()
  const input = event.target.elements.text
  if (input.value !== '') socket.send(input.value)
  input.value = ''
}
`

const hash = createHash('sha256').update(script).digest('base64')

const headers = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; script-src 'sha256-${hash}'; connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
} as const

/** `path` is decoded; whatever it holds, it shows as text. */
export function pageOf(path: string): Reply {
  const shown = escapeHtml(path)
  const body = `
<html>
<head><meta charset="utf-8"><title>${shown}</title></head>
<body>
<h1>${shown}</h1>
<form><input name="text" size="64" autocomplete="off" autofocus> <button>Send</button></form>
<pre></pre>
<script>${script}</script>
</body>
</html>
`
  return { status: 200, headers, body }
}

const escapes: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  "'": '&#39;',
  '"': '&#34;',
  '&': '&amp;',
  '+': '&#43;',
}

function escapeHtml(text: string): string {
  return text.replace(/[<>'"&+]/g, character => escapes[character] ?? '')
}
