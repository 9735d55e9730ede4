/** The connection of a printer on a line, as its unit needs it. */
type PrinterSession = {
  readonly connected: boolean
  close(): Promise<void>
  ready(signal: AbortSignal): Promise<string>
  identify(signal: AbortSignal): Promise<string>
}

/** The part of a unit that its session answers. */
export abstract class SessionUnit<Session extends PrinterSession> {
  readonly session: Session

  constructor(session: Session) {
    this.session = session
  }

  get connected(): boolean {
    return this.session.connected
  }

  close(): Promise<void> {
    return this.session.close()
  }

  ready(signal: AbortSignal): Promise<string> {
    return this.session.ready(signal)
  }

  identify(signal: AbortSignal): Promise<string> {
    return this.session.identify(signal)
  }
}
