// The page that old browsers load into a frame, to reach us from a page of another origin (contract §12.3).
import { createHash } from 'node:crypto'
import type { Said } from './words.ts'

/** `known`: what the browser has of it already. */
export function iframeFor(scriptUrl: string, known: string | undefined): Said {
  const body = pageOf(scriptUrl)
  const tag = `"${createHash('md5').update(body).digest('hex')}"`
  if (known === tag) return { status: 304, reason: 'Not Modified', rawHeaders: ['ETag', tag], body: '' }
  const rawHeaders = [
    'ETag',
    tag,
    'Content-Type',
    'text/html; charset=UTF-8',
    'Cache-Control',
    'public, max-age=31536000',
  ]
  return { status: 200, reason: 'OK', rawHeaders, body: Buffer.from(body).toString('latin1') }
}

function pageOf(scriptUrl: string): string {
  const url = scriptUrl.replace(/[&"<>]/g, character => `&#${character.charCodeAt(0)};`)
  return `<!DOCTYPE html>
<html>
<head>
<meta http-equiv="X-UA-Compatible" content="IE=edge">
<meta charset="UTF-8">
<title>SockJS</title>
<script src="${url}"></script>
<script>document.domain = document.domain; SockJS.bootstrap_iframe()</script>
</head>
<body>This page is loaded by a SockJS client, and shows nothing.</body>
</html>
`
}
