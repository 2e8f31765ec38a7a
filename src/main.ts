#!/usr/bin/env node
// Hands arguments and environment to the command line, on a Node.js that can run it.
import { isOurs } from './commands/node-release.ts'

if (isOurs(import.meta.url)) {
  // Only now, for another Node.js may not even read the rest.
  const { run } = await import('./commands/run.ts')
  const code = await run(process.argv.slice(2), process.env)
  if (code !== undefined) process.exit(code)
}
