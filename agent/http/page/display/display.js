// The customer's display: asks the agent each second, and shows the newest receipt of its register or the shop's name.

import { abortedAfter } from '/page/elements.js'
import { say, showReceipt } from './display-receipt.js'

/** @typedef {import('./display-receipt.js').Now} Now */

const ASK_MS = 1_000
/** A wrong address may become right again: the keys of the shop may be restored. */
const WRONG_MS = 5_000
const ANSWER_LIMIT_MS = 4_000
/** A receipt stays at most so long without the agent. */
const SHOWN_MS = 60_000
/** One lost answer is not an outage. */
const GONE_AFTER = 3

const paper = part('receipt')
const names = { shop: part('shop').textContent ?? '', place: part('place').textContent ?? '' }
const nowPath = `${location.pathname}/now`

/** The answer on the screen. */
let etag = ''
/** When its receipt ends if the agent is silent, by two clocks: one of them stops while a tablet sleeps. */
let end = { mono: 0, wall: 0 }
/** @type {(() => void) | undefined} */
let stopReceipt
let failures = 0
let isWrong = false
/** The address was wrong when the page was served, without a name: it is loaded again when the address is right. */
let isServedWrong = false
/** The page as it was served, to see whether it has changed. @type {string | undefined} */
let page
/** Ends the pause before the next question. */
let wake = () => {}

/** @param {string} id */
function part(id) {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`the page has no ${id}`)
  return found
}

function hide() {
  stopReceipt?.()
  stopReceipt = undefined
  paper.hidden = true
  paper.replaceChildren()
  part('idle').hidden = false
}

/** @param {Now & { receipt: {} }} now @param {number} leftMs */
function show(now, leftMs) {
  end = { mono: performance.now() + leftMs, wall: Date.now() + leftMs }
  part('idle').hidden = true
  paper.hidden = false
  stopReceipt = showReceipt(paper, now, leftMs)
}

/** By the clock of the agent: that of a tablet may be wrong. @param {string | null} until @param {string | null} date */
function leftOf(until, date) {
  const leftMs = Date.parse(until ?? '') - Date.parse(date ?? '')
  return Number.isNaN(leftMs) ? SHOWN_MS : Math.min(SHOWN_MS, Math.max(ASK_MS, leftMs))
}

/** @param {boolean} wrong */
function setWrong(wrong) {
  isWrong = wrong
  part('shop').textContent = wrong ? '' : names.shop
  part('place').textContent = wrong ? '' : names.place
  document.title = wrong ? '' : names.shop
}

/** @param {boolean} isGone */
function setGone(isGone) {
  part('gone').textContent = say('gone')
  part('gone').hidden = !isGone
}

/** @param {string} path @param {Record<string, string>} [headers] */
function ask(path, headers = {}) {
  return fetch(path, { headers, cache: 'no-store', signal: abortedAfter(ANSWER_LIMIT_MS) })
}

async function question() {
  const answer = await ask(nowPath, etag === '' ? {} : { 'If-None-Match': etag })
  if (answer.status === 404) {
    etag = ''
    hide()
    setWrong(true)
    isServedWrong ||= page === undefined
    return
  }
  if (answer.status === 200) {
    /** @type {Now} */
    const now = await answer.json()
    etag = answer.headers.get('ETag') ?? ''
    hide()
    const { receipt } = now
    if (receipt !== null) show({ ...now, receipt }, leftOf(now.until, answer.headers.get('Date')))
  } else if (answer.status !== 304) throw new Error(`${answer.status}`)
  if (isServedWrong) location.reload()
  const isBack = isWrong || failures >= GONE_AFTER
  setWrong(false)
  if (isBack || page === undefined) await renew()
}

/** Loads the page again if the agent serves another one: after an update, under another name, at a right address. */
async function renew() {
  const served = await (await ask(location.pathname)).text()
  if (page !== undefined && page !== served) location.reload()
  page = served
}

/** Another 200 with the same receipt is not shown again from its begin: the agent sends one only if it has changed. */
async function follow() {
  while (true) {
    try {
      await question()
      failures = 0
    } catch {
      failures++
    }
    setGone(failures >= GONE_AFTER)
    const isOver = performance.now() >= end.mono || Date.now() >= end.wall
    // While the agent answers, it says when the receipt ends.
    if (failures > 0 && isOver && stopReceipt !== undefined) {
      etag = ''
      hide()
    }
    await new Promise((resolve) => {
      wake = () => resolve(undefined)
      setTimeout(wake, isWrong ? WRONG_MS : ASK_MS)
    })
  }
}

/** The screen stays on, if the browser permits it. */
function keepOn() {
  if (document.visibilityState !== 'visible') return
  navigator.wakeLock?.request('screen').catch(() => {})
}

document.addEventListener('visibilitychange', () => {
  keepOn()
  wake()
})
for (const name of ['online', 'pageshow']) addEventListener(name, () => wake())
keepOn()
void follow()
