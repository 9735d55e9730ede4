// Helpers of the pages. Text is always set as text: no text of the agent is parsed as HTML.

const SVG = 'http://www.w3.org/2000/svg'

/** Marks that reverse the text direction: in a name they would also reverse the words after it. */
const TURNING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** @param {string} text */
export function unturned(text) {
  return text.replace(TURNING, '')
}

/** `AbortSignal.timeout` is missing in Chrome 90 and Safari 14. @param {number} ms @returns {AbortSignal} */
export function abortedAfter(ms) {
  const limit = new AbortController()
  setTimeout(() => limit.abort(), ms)
  return limit.signal
}

/**
 * @param {string} tag
 * @param {{ [name: string]: string | boolean | EventListener | undefined }} attributes a function is a listener
 * @param {...(Node | string | undefined | false | null)} children
 * @returns {HTMLElement}
 */
export function element(tag, attributes, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(name, value)
    else if (value === true) made.setAttribute(name, '')
    else if (typeof value === 'string') made.setAttribute(name, value)
  }
  for (const child of children) if (child) made.append(typeof child === 'string' ? unturned(child) : child)
  return made
}

/** Shapes with the same meaning as the colours, for people who cannot distinguish those. */
const MARKS = {
  good: ['M24 4a20 20 0 1 0 0 40 20 20 0 0 0 0-40z', 'M14.500 24.500l6.500 6.500 12.500-13.500'],
  care: ['M24 5 3.500 42h41z', 'M24 18v11M24 35.400v.2'],
  bad: ['M16 4h16l12 12v16L32 44H16L4 32V16z', 'M17 17l14 14M31 17 17 31'],
  quiet: ['M24 4a20 20 0 1 0 0 40 20 20 0 0 0 0-40z', 'M24 14v11l7 5'],
}

/**
 * @param {keyof typeof MARKS} tone
 * @returns {SVGElement}
 */
export function mark(tone) {
  const made = document.createElementNS(SVG, 'svg')
  made.setAttribute('viewBox', '0 0 48 48')
  made.setAttribute('class', 'mark')
  made.setAttribute('aria-hidden', 'true')
  for (const shape of MARKS[tone]) {
    const path = document.createElementNS(SVG, 'path')
    for (const [name, value] of Object.entries({
      d: shape,
      fill: 'none',
      stroke: 'currentColor',
      'stroke-width': '4.200',
      'stroke-linecap': 'round',
      'stroke-linejoin': 'round',
    }))
      path.setAttribute(name, value)
    made.append(path)
  }
  return made
}

/**
 * @param {'good' | 'care' | 'bad' | 'quiet'} tone
 * @param {string} text
 */
export function badge(tone, text) {
  return element('span', { class: 'badge', 'data-tone': tone }, text)
}

/** @param {string} name @param {'good' | 'care' | 'bad' | 'quiet' | undefined} tone @param {string} words */
export function cardTitle(name, tone, words) {
  return element('p', { class: 'title' }, element('span', {}, name), badge(tone ?? 'quiet', words))
}

/**
 * A row without a value is omitted.
 * @param {readonly (readonly [label: string, value: string | undefined])[]} rows
 */
export function facts(rows) {
  const list = element('dl', {})
  for (const [label, value] of rows) {
    if (value !== undefined) list.append(element('dt', {}, label), element('dd', {}, value))
  }
  return list
}

/** The content of each section: an unchanged section is not built again and keeps its focus. */
const shown = new Map()

/**
 * @param {string} id of the section
 * @param {unknown} content the section is built again only if this has changed
 * @param {(() => (Node | undefined)[]) | undefined} make undefined hides the section
 */
export function show(id, content, make) {
  const section = document.getElementById(id)
  if (section === null) return
  const text = make === undefined ? '' : JSON.stringify(content)
  if (shown.get(id) === text) return
  shown.set(id, text)
  section.hidden = make === undefined
  const focused = document.activeElement?.getAttribute('data-focus')
  section.replaceChildren(...(make?.() ?? []).filter((node) => node !== undefined))
  if (focused) {
    for (const node of section.querySelectorAll('[data-focus]'))
      if (node instanceof HTMLElement && node.dataset.focus === focused) node.focus()
  }
}
