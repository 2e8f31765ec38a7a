// Cuts JSON text into the texts of its parts. The text must have been judged before: nothing is checked here.
import { skipBlanks } from './json-tokens.ts'
import { passString, passValue, walkList, walkObject } from './json-walk.ts'

const quote = 0x22

interface Member {
  readonly name: string
  readonly text: string
}

/** The elements of an array. */
export function elementsOf(array: string): readonly string[] {
  const elements: string[] = []
  walkList(array, skipBlanks(array, 0), at => {
    const end = passValue(array, at)
    elements.push(array.slice(at, end))
    return end
  })
  return elements
}

/** The members of an object in their order, equal names included. */
export function membersOf(object: string): readonly Member[] {
  const members: Member[] = []
  walkObject(object, skipBlanks(object, 0), (name, at) => {
    const end = passValue(object, at)
    members.push({ name, text: object.slice(at, end) })
    return end
  })
  return members
}

/** Without the white space that means nothing. */
export function compact(text: string): string {
  let kept = ''
  let start = 0
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === quote) at = passString(text, at) - 1
    else if (unit <= 0x20) {
      kept += text.slice(start, at)
      start = at + 1
    }
  }
  return kept + text.slice(start)
}
