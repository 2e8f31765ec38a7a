// Small things that every part of the page does with its elements.

/** The element that the page's own markup has; without it the page is broken. */
export function find(root: ParentNode, selector: string): HTMLElement {
  const found = root.querySelector<HTMLElement>(selector)
  if (found === null) throw new Error(`the page has no ${selector}`)
  return found
}

export function findInput(root: ParentNode, selector: string): HTMLInputElement {
  return find(root, selector) as HTMLInputElement // the markup says so
}

/** A copy of the one element in that template. */
export function copyOf(template: string): HTMLElement {
  const { content } = find(document, `template#${template}`) as HTMLTemplateElement // by the selector
  return find(document.importNode(content, true), '*')
}

/** What the button did is said on it for a moment. */
export async function copyText(button: HTMLElement, text: string): Promise<void> {
  const before = button.dataset['label'] ?? button.textContent ?? ''
  button.dataset['label'] = before
  try {
    await navigator.clipboard.writeText(text)
    button.textContent = 'Copied'
  } catch {
    button.textContent = 'Not allowed'
  }
  setTimeout(() => {
    button.textContent = before
  }, 1_500)
}

export function timeText(): string {
  return new Date().toLocaleTimeString('en-GB')
}
