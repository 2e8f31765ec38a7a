#!/usr/bin/env node
// Hands arguments and environment to the command line, on a Node.js that can run it.
import { isOurs } from './commands/node-release.ts'

if (isOurs(import.meta.url, process.env)) {
  // Only now, for another Node.js may not even read the rest.
  const { run, socketVariables } = await import('./commands/run.ts')
  const environment = { ...process.env }
  for (const name of socketVariables) delete process.env[name]
  const code = await run(process.argv.slice(2), environment)
  if (code !== undefined) process.exit(code)
}
