// The arguments of the original (contract §11).
import { deepEqual, equal, match } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { given, lines, shipped } from './given-conf.ts'

describe('arguments', () => {
  const env = (args: readonly string[], environment: Record<string, string> = {}) =>
    given(shipped, args, environment).environment

  test('row 302: --id moves the port of control', () => {
    equal(env(['--id', '2'])['RINGCAST_GRIP_CONTROL_LISTEN'], '127.0.0.1:5581')
    match(String(lines(shipped, ['--id', '-1'])), /--id is '-1'/)
    match(String(lines(shipped, ['--id=5001'])), /0 to 5000/)
  })

  test('--port is one listener in place of all', () => {
    const environment = env(['--port', '127.0.0.1:8000'])
    equal(environment['RINGCAST_GRIP_LISTEN'], '127.0.0.1:8000')
    equal(environment['RINGCAST_GRIP_TLS_LISTEN'], '')
    equal(environment['RINGCAST_GRIP_LOCAL_LISTEN'], '')
    equal(env(['--port=80'])['RINGCAST_GRIP_LISTEN'], '0.0.0.0:80')
    match(String(lines(shipped, ['--port', 'x'])), /--port is 'x'/)
  })

  test('--route replaces the file, however often it is there', () => {
    const environment = env(['--route', '* test', '--route=a,debug b:1'])
    equal(environment['RINGCAST_GRIP_ROUTES'], '')
    equal(environment['RINGCAST_GRIP_ROUTES_TEXT'], '* test\na,debug b:1')
  })

  test('levels', () => {
    for (const [args, level] of [
      [['--loglevel', '0'], 'error'],
      [['--loglevel=1'], 'warn'],
      [['--loglevel', '2,proxy:3'], 'info'],
      [['--loglevel', '9'], 'debug'],
      [['--verbose', '-m'], 'debug'],
    ] as const) {
      equal(env(args)['RINGCAST_LOG_LEVEL'], level, args.join(' '))
    }
    match(String(lines(shipped, ['--loglevel', 'x'])), /--loglevel is 'x'/)
  })

  test('--logfile is beside the caller', () => {
    equal(given(shipped, ['--logfile', 'a.log', '--merge-output']).logFile, '/w/a.log')
    equal(given(shipped).logFile, undefined)
  })

  test('are stronger than variables of ours, and those than the file', () => {
    const own = { RINGCAST_GRIP_LISTEN: '127.0.0.1:1', RINGCAST_GRIP_SIG_ISS: 'mine' }
    const environment = env(['--port', '2'], own)
    equal(environment['RINGCAST_GRIP_LISTEN'], '0.0.0.0:2')
    equal(environment['RINGCAST_GRIP_SIG_ISS'], 'mine')
  })

  test('help, version, and what is no argument', () => {
    deepEqual(lines('', ['-v']), [0, 'pushpin 1.41.0'])
    match(String(lines('', ['--help'])), /^0,Usage: pushpin/)
    deepEqual(lines('', ['--nosuch']), [
      2,
      "Error: unexpected argument '--nosuch'",
      "For more information, try '--help'.",
    ])
    match(String(lines('', ['--config'])), /^2,Error: a value is required for '--config'/)
    match(String(lines('', ['word'])), /^2,/)
  })
})
