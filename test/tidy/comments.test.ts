// Comments that do not belong on main: postponed work and code put to sleep.

import { deepEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { scan } from './scan.ts'
import { assertTidy, type Finding, file, places, readTree, type SourceFile, typeScript } from './tree.ts'

const CODE = ['src', 'workers', 'bench', 'test']

const POSTPONED = /\b(?:TODO|FIXME|XXX|HACK)\b/

/** Lines that prose does not produce. Each asks for the punctuation of code, not only for its words. */
const LOOKS_LIKE_CODE: readonly RegExp[] = [
  /^(?:export |async )*(?:const|let|var|type) [\w$]+(?:: [^=]+)? = \S/,
  /^(?:export |async )*(?:function|class|interface) [\w$]+ ?[({<]/,
  /^(?:import|export) .*from ['"]/,
  /^(?:\} )?(?:if|for|while|switch|else if) ?\(.*\)(?: \{| return\b| throw\b|$)/,
  /^(?:await |return )?[\w$.]+\(.*\);?$/,
  /^(?:return|throw) [^.]*[;)\]}]$/,
  /^[\w$.[\]]+ [+\-*/|&?]{0,2}= [^=>].*[;)\]}'"\d]$/,
  /^(?:\} else \{|\}\)?;?|\{)$/,
]

function comments(files: readonly SourceFile[]): Finding[] {
  return typeScript(files, ...CODE).flatMap(({ path, text }) =>
    scan(text).comments.flatMap(comment =>
      comment.text.split('\n').flatMap((raw, index) => {
        const line = comment.line + index
        const said = raw.replace(/^\s*(?:\/\/|\/?\*+\/?)\s?|\s*\*\/$/g, '').trim()
        if (POSTPONED.test(said)) {
          const instead = 'do it now, or write it down as an issue and leave no mark'
          return [{ path, line, found: 'postponed work in a comment', instead }]
        }
        if (LOOKS_LIKE_CODE.some(pattern => pattern.test(said))) {
          return [{ path, line, found: 'commented-out code', instead: 'delete it; the history keeps it' }]
        }
        return []
      }),
    ),
  )
}

describe('comments', () => {
  test('postponed work is found in comments and not in strings', () => {
    const lines = [`const a = 'TODO'`, '// TODO later', '/*', ' * FIXME', ' */', '/** XXX */']
    deepEqual(places(comments([file('src/engine/a.ts', ...lines)])).length, 3)
  })

  test('commented-out code is found', () => {
    const lines = [
      '// const a = 1',
      '// hub.offer(frame)',
      '// if (full) return',
      "// import { a } from './a.ts'",
      '/* return frames[0]; */',
      '// this.head = offset(3)',
      '// } else {',
    ]
    deepEqual(places(comments([file('src/engine/a.ts', ...lines)])).length, lines.length)
  })

  test('prose is left alone, also where it names code', () => {
    const lines = [
      '// A subscriber goes live exactly when the answer is processed (law 1).',
      '// return the position, so that the publisher can wait for it',
      '// if the socket is slow, the subscriber stays behind',
      '/** Seconds, not `setTimeout(f)` units. */',
      '// worker 0 = first slot',
      '// `hub.offer(frame)` may be called again here',
    ]
    deepEqual(places(comments([file('src/engine/a.ts', ...lines)])), [])
  })

  test('the tree has neither', () => assertTidy(comments(readTree())))
})
