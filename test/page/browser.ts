import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BUILD_LIMIT_MS, looked, within } from '../waits.ts'

type Members = { readonly [member: string]: unknown }
type Message = { id?: number; sessionId?: string; method?: string; params?: Members; result?: Members; error?: Members }

/** A container has no user namespaces to make a sandbox of, and no network that the browser should look for. */
const FLAGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-dev-shm-usage'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync', '--hide-scrollbars'],
  ...['--remote-debugging-port=0', '--force-color-profile=srgb', 'about:blank'],
]

/** Debian's Chromium without a window, spoken to in the DevTools protocol. */
export class Browser {
  readonly #child: ChildProcess
  readonly #profile: string
  readonly #isLasting: boolean
  readonly #socket: WebSocket
  readonly #answers = new Map<number, { resolve: (result: Members) => void; reject: (error: Error) => void }>()
  readonly #tabs = new Map<string, Tab>()
  #sent = 0

  private constructor(child: ChildProcess, profile: string, socket: WebSocket, isLasting: boolean) {
    this.#child = child
    this.#profile = profile
    this.#isLasting = isLasting
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => this.#take(JSON.parse(String(data)) as Message))
  }

  /** `lasting`: a profile of an earlier browser, whose tabs keep what pages store; the caller removes it. */
  static async open(flags: readonly string[] = [], lasting?: string): Promise<Browser> {
    const profile = lasting ?? (await mkdtemp(join(tmpdir(), 'browser-')))
    const child = spawn('chromium', [...flags, ...FLAGS, `--user-data-dir=${profile}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const socket = new WebSocket(await addressOf(child))
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve, { once: true })
      socket.addEventListener('error', () => reject(new Error('the browser took no connection')), { once: true })
    })
    return new Browser(child, profile, socket, lasting !== undefined)
  }

  /** An empty tab with separate storage and cookies, unless the profile lasts. */
  async tab(options: { width: number; height: number; languages?: string; dark?: boolean }): Promise<Tab> {
    const { browserContextId } = this.#isLasting ? {} : await this.send('Target.createBrowserContext', {})
    const context = browserContextId === undefined ? {} : { browserContextId }
    const { targetId } = await this.send('Target.createTarget', { url: 'about:blank', ...context })
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true })
    const tab = new Tab(this, String(sessionId), String(browserContextId))
    this.#tabs.set(String(sessionId), tab)
    await tab.send('Page.enable')
    await tab.send('Runtime.enable')
    await tab.send('Log.enable')
    await tab.send('Network.enable')
    const { width, height, languages = 'de', dark = false } = options
    const mobile = width < 600
    await tab.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 2, mobile })
    await tab.send('Emulation.setLocaleOverride', { locale: languages.split(',')[0] })
    const { userAgent } = await this.send('Browser.getVersion', {})
    await tab.send('Emulation.setUserAgentOverride', { userAgent, acceptLanguage: languages })
    const features = [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }]
    await tab.send('Emulation.setEmulatedMedia', { features })
    return tab
  }

  send(method: string, params: Members, sessionId?: string): Promise<Members> {
    const id = ++this.#sent
    return new Promise((resolve, reject) => {
      this.#answers.set(id, { resolve, reject })
      this.#socket.send(JSON.stringify({ id, method, params, ...(sessionId !== undefined && { sessionId }) }))
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#socket.close()
    this.#child.kill('SIGKILL')
    await ended
    if (this.#isLasting) return
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }

  #take({ id, sessionId, method, params, result, error }: Message): void {
    if (id === undefined) {
      if (method !== undefined) this.#tabs.get(sessionId ?? '')?.take(method, params ?? {})
      return
    }
    const answer = this.#answers.get(id)
    this.#answers.delete(id)
    if (error !== undefined) answer?.reject(new Error(JSON.stringify(error)))
    else answer?.resolve(result ?? {})
  }
}

export class Tab {
  /** Everything that the page complained of: errors, refusals of its policy, requests that failed. */
  readonly complaints: string[] = []
  /** Addresses that were asked for. */
  readonly requests: string[] = []
  readonly #browser: Browser
  readonly #session: string
  readonly #context: string

  constructor(browser: Browser, session: string, context: string) {
    this.#browser = browser
    this.#session = session
    this.#context = context
  }

  send(method: string, params: Members = {}): Promise<Members> {
    return this.#browser.send(method, params, this.#session)
  }

  take(method: string, params: Members): void {
    if (method === 'Runtime.exceptionThrown' || method === 'Log.entryAdded')
      this.complaints.push(JSON.stringify(params))
    if (method === 'Runtime.consoleAPICalled' && ['error', 'warning', 'assert'].includes(String(params['type'])))
      this.complaints.push(JSON.stringify(params['args']))
    const request = params['request'] as { url?: string } | undefined
    if (method === 'Network.requestWillBeSent') this.requests.push(String(request?.url))
  }

  /** The decision of the user about that permission of a page. */
  async permit(name: string, setting: 'granted' | 'denied', origin: string): Promise<void> {
    const permission = { permission: { name }, setting, origin, browserContextId: this.#context }
    await this.#browser.send('Browser.setPermission', permission)
  }

  /** Until it is whole: a script runs before the style sheet is there. */
  async go(url: string): Promise<void> {
    await this.send('Page.navigate', { url })
    await this.until(`document.readyState === 'complete'`)
  }

  /** The value of an expression in the page; a promise is awaited. */
  async value<T>(expression: string): Promise<T> {
    const answer = await this.send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true })
    const thrown = answer['exceptionDetails']
    if (thrown !== undefined) throw new Error(JSON.stringify(thrown))
    return (answer['result'] as { value: T }).value
  }

  /** Waits until an expression of the page is true. */
  async until(expression: string): Promise<void> {
    const look = () => this.value<boolean>(`Boolean(${expression})`).catch(() => false)
    if ((await looked(look, { everyMs: 10 })) === undefined)
      throw new Error(`${expression} did not come to pass: ${await this.text()}\n${this.complaints.join('\n')}`)
  }

  text(): Promise<string> {
    return this.value('document.body.innerText')
  }

  /** Presses Enter where the focus is. */
  async enter(): Promise<void> {
    const key = { key: 'Enter', code: 'Enter', text: '\r', windowsVirtualKeyCode: 13 }
    for (const type of ['keyDown', 'keyUp']) await this.send('Input.dispatchKeyEvent', { type, ...key })
  }

  /** The whole page as a PNG. */
  async picture(): Promise<Buffer> {
    const { data } = await this.send('Page.captureScreenshot', { captureBeyondViewport: true, format: 'png' })
    return Buffer.from(String(data), 'base64')
  }
}

function addressOf(child: ChildProcess): Promise<string> {
  const told = new Promise<string>((resolve, reject) => {
    let said = ''
    child.once('error', reject)
    child.once('close', () => reject(new Error(`the browser did not start: ${said}`)))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text
      const address = /DevTools listening on (ws:\S+)/.exec(said)?.[1]
      if (address !== undefined) resolve(address)
    })
  })
  return within('the address of the browser', told, () => child.kill('SIGKILL'), BUILD_LIMIT_MS)
}
