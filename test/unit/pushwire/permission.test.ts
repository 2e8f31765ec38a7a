import { deepEqual, equal, notEqual } from 'node:assert/strict'
import { test } from 'node:test'
import {
  grantsOfTexts,
  type Permission,
  Permissions,
  parseGrants,
} from '../../../src/frontends/pushwire/config/permission.ts'

const permissions = () => new Permissions(['chat', 'data', 'doc'])
const said = ({ reads, writes }: Permission) => [[...reads], [...writes]]

test('a validator that names no channel opens all of them', () => {
  deepEqual(said(permissions().of(parseGrants(undefined) ?? new Map())), [
    ['chat', 'data', 'doc'],
    ['chat', 'data', 'doc'],
  ])
})

test('a list opens both ways, a map says which; names that are no channels open nothing', () => {
  const all = permissions()
  deepEqual(said(all.of(parseGrants(['doc', 'chat', 'chat', 'other', '__proto__']) ?? 'all')), [
    ['chat', 'doc'],
    ['chat', 'doc'],
  ])
  deepEqual(said(all.of(parseGrants({ doc: 'r', chat: 'w', data: 'rw', other: 'rw' }) ?? 'all')), [
    ['data', 'doc'],
    ['chat', 'data'],
  ])
  deepEqual(said(all.of(parseGrants([]) ?? 'all')), [[], []])
})

test('what is neither list nor map opens nothing, not everything', () => {
  for (const value of [null, 'chat', 7, true, [1], ['chat', null], { chat: true }, { chat: 'x' }]) {
    equal(parseGrants(value), undefined, JSON.stringify(value))
  }
})

test('entries of the settings', () => {
  const texts = grantsOfTexts(['chat:r', 'data:w', 'doc'])
  deepEqual(said(permissions().of(texts)), [
    ['chat', 'doc'],
    ['data', 'doc'],
  ])
  equal(grantsOfTexts(undefined), 'all')
})

test('equal permissions are one object, and those that end at different times share their sets', () => {
  const all = permissions()
  const one = all.of(new Map([['chat', 'rw']]))
  equal(
    all.of(
      new Map([
        ['chat', 'rw'],
        ['other', 'r'],
      ]),
    ),
    one,
  )
  notEqual(all.of(new Map([['chat', 'r']])), one)
  const [ending, later] = [all.of('all', 7), all.of('all', 8)]
  equal(all.of('all', 7), ending)
  deepEqual([ending.expires, later.expires], [7, 8])
  equal(ending.reads, later.reads)
})
