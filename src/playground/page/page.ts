// The playground's page: asks the node which protocols there are, and gives each a column on the channel that it shows.
import type { PlayData, PlayEntry } from '../entry.ts'
import { Column } from './column.ts'
import { find, findInput } from './elements.ts'

async function load(channel: string): Promise<PlayData> {
  const response = await fetch(`/play/data?channel=${encodeURIComponent(channel)}`)
  if (!response.ok) throw new Error(`the node answers with ${response.status}`)
  return response.json()
}

async function entryOf(channel: string, name: string): Promise<PlayEntry> {
  const { protocols } = await load(channel)
  const entry = protocols.find(protocol => protocol.name === name)
  if (entry === undefined) throw new Error(`the node has no ${name} any more`)
  return entry
}

/** Shows one channel at a time. */
function createPage(): (channel: string) => Promise<void> {
  const fault = find(document, '#fault')
  let columns: readonly Column[] = []
  /** Answers come in any order; the channel that was asked for last is the one to show. */
  let asked = 0
  return async channel => {
    const own = ++asked
    let protocols: readonly PlayEntry[]
    try {
      protocols = (await load(channel)).protocols
    } catch (error) {
      if (own !== asked) return
      fault.textContent = `The node does not answer (${error}). Is it running?`
      fault.hidden = false
      return
    }
    if (own !== asked) return
    fault.hidden = true
    for (const column of columns) column.close()
    columns = protocols.map(entry => new Column(channel, entry, () => entryOf(channel, entry.name)))
    find(document, '#columns').replaceChildren(...columns.map(({ root }) => root))
    findInput(document, '#channel input').value = channel
    find(document, '#terminal').textContent = `ringcast sub --all-protocols ${wordOf(channel)}`
    document.title = `${channel} · ringcast playground`
    history.replaceState(null, '', `/play?channel=${encodeURIComponent(channel)}`)
  }
}

/** As one word of a shell. */
function wordOf(text: string): string {
  return /^[\w.:/][\w.:/-]*$/.test(text) ? text : `-- '${text.replaceAll("'", `'\\''`)}'`
}

const show = createPage()
find(document, '#channel').addEventListener('submit', event => {
  event.preventDefault()
  // Names are UTF-8, which has no halves of characters.
  void show(findInput(document, '#channel input').value.toWellFormed())
})
void show(new URLSearchParams(location.search).get('channel') ?? 'demo')
