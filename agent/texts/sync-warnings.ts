import type { WarningText } from './text.ts'

/** Why nothing reaches a target. */
const SYNC_CAUSES = ['sync_stalled', 'sync_forked', 'sync_token_refused', 'target_certificate_invalid'] as const

/** Warnings about the targets of sync. */
export const SYNC_WARNINGS = {
  sync_delayed: {
    severity: 'warning',
    alert: 'sync_delays',
    because: SYNC_CAUSES,
    en: [
      'This target has acknowledged nothing for 15 minutes. Selling is not affected.',
      'Check the network and the address. The agent retries automatically.',
    ],
    de: [
      'Seit 15 Minuten kommt bei diesem Ziel nichts an. Der Verkauf läuft weiter.',
      'Netz und Adresse prüfen; es wird automatisch weiter versucht.',
    ],
    it: [
      'Da 15 minuti nulla raggiunge questa destinazione. La vendita non ne risente.',
      'Controllare rete e indirizzo; si riprova automaticamente.',
    ],
  },
  sync_delayed_long: {
    severity: 'alarm',
    alert: 'sync_delays',
    because: SYNC_CAUSES,
    en: [
      'This target has acknowledged nothing for a day: newer sales may exist only on this disk.',
      'Check the network, the address and the token of the target: fiskal-edge doctor.',
    ],
    de: [
      'Seit einem Tag kommt bei diesem Ziel nichts an: neuere Verkäufe liegen nur auf dieser Platte.',
      'Netz, Adresse und Token des Ziels prüfen: fiskal-edge doctor.',
    ],
    it: [
      'Da un giorno nulla raggiunge questa destinazione: le vendite più recenti sono solo su questo disco.',
      'Controllare rete, indirizzo e token: fiskal-edge doctor.',
    ],
  },
  target_certificate_expiring: {
    severity: 'warning',
    alert: 'certificates',
    because: ['clock_implausible'],
    en: [
      'The client certificate for this target expires soon: then the target refuses all events.',
      'Replace the certificate and its key ("tls" of the target); no restart is needed.',
    ],
    de: [
      'Das Zertifikat, das diesem Ziel gezeigt wird, läuft bald ab: danach nimmt es nichts mehr von hier.',
      'Ein neues und seinen Schlüssel an deren Stelle legen („tls“ des Ziels); ein Neustart ist nicht nötig.',
    ],
    it: [
      'Il certificato mostrato a questa destinazione sta per scadere: poi non accetterà più nulla da qui.',
      'Metterne al suo posto un altro con la sua chiave ("tls" della destinazione); non serve riavviare.',
    ],
  },
  target_certificate_invalid: {
    severity: 'alarm',
    alert: 'certificates',
    because: ['clock_implausible'],
    en: [
      'The client certificate for this target has expired or is not valid yet: the target refuses all events.',
      'Set the clock if it is wrong; else replace the certificate and its key ("tls" of the target).',
    ],
    de: [
      'Das Zertifikat, das diesem Ziel gezeigt wird, ist abgelaufen oder gilt noch nicht: es nimmt nichts von hier.',
      'Die Uhr stellen, wenn sie falsch geht; sonst ein neues und seinen Schlüssel an deren Stelle legen („tls“ des Ziels).',
    ],
    it: [
      'Il certificato mostrato a questa destinazione è scaduto o non è ancora valido: non accetta nulla da qui.',
      'Correggere l\'ora se è sbagliata; altrimenti metterne un altro con la sua chiave ("tls" della destinazione).',
    ],
  },
  sync_stalled: {
    severity: 'alarm',
    alert: 'sync_stops',
    en: [
      'This target refuses an event: later events are not sent to it.',
      'Ask the operator of the target about the event that fiskal-edge doctor names. The agent retries automatically, or now with fiskal-edge sync resume TARGET.',
    ],
    de: [
      'Dieses Ziel weist ein Ereignis ab: es wird nichts mehr dorthin übertragen.',
      'fiskal-edge doctor nennt das Ereignis; den Betreiber des Ziels fragen.',
    ],
    it: [
      'Questa destinazione rifiuta un evento: non si trasmette più nulla.',
      "fiskal-edge doctor indica l'evento; chiedere al gestore della destinazione.",
    ],
  },
  sync_token_refused: {
    severity: 'alarm',
    alert: 'sync_stops',
    en: [
      'This target has refused the token of this agent for more than 15 minutes: it takes no events. Selling is not affected.',
      'Put a valid token into the file of the target ("tokenFile"); no restart is needed. fiskal-edge doctor tests it.',
    ],
    de: [
      'Dieses Ziel weist das Token dieses Agenten seit mehr als 15 Minuten zurück: es nimmt nichts an. Der Verkauf läuft weiter.',
      'Ein gültiges Token in die Datei des Ziels legen („tokenFile“); ein Neustart ist nicht nötig. fiskal-edge doctor prüft es.',
    ],
    it: [
      'Questa destinazione rifiuta il token di questo agente da più di 15 minuti: non accetta nulla. La vendita non ne risente.',
      'Mettere un token valido nel file della destinazione ("tokenFile"); non serve riavviare. fiskal-edge doctor lo verifica.',
    ],
  },
  sync_claim_unproven: {
    severity: 'alarm',
    alert: 'sync_stops',
    en: [
      'This target claims to have another history of the journal, or more of it, but shows no proof signed with the key of this journal: the agent does not accept the claim.',
      'Ask the operator of the target. Selling continues; the agent retries automatically, or now with fiskal-edge sync resume TARGET.',
    ],
    de: [
      'Dieses Ziel behauptet, eine andere Vorgeschichte des Journals oder mehr davon zu haben, und zeigt keinen Beweis mit der Signatur dieses Journals: Die Behauptung wird nicht angenommen.',
      'Den Betreiber des Ziels fragen. Der Verkauf geht weiter; das Ziel wird automatisch wieder gefragt, sofort mit fiskal-edge sync resume TARGET.',
    ],
    it: [
      'Questa destinazione afferma di avere un’altra storia del registro, o più eventi, e non mostra alcuna prova firmata con la chiave di questo registro: l’affermazione non viene accettata.',
      'Chiedere al gestore della destinazione. Le vendite proseguono; si riprova automaticamente, o subito con fiskal-edge sync resume TARGET.',
    ],
  },
  sync_replaced: {
    severity: 'alarm',
    alert: 'sync_stops',
    en: [
      'This target claims that another copy of this journal continues there, in a newer epoch. If that is true, two machines have one identity: the detail says whether it is proven.',
      'Find the other machine and stop one of the two. If this one is to stay: fiskal-edge journal epoch --above N, with the epoch that doctor names.',
    ],
    de: [
      'Dieses Ziel behauptet eine neuere Epoche: Eine andere Kopie dieses Journals werde dort fortgeführt. Stimmt das, haben zwei Maschinen eine Identität; ob es bewiesen ist, steht dabei.',
      'Die andere Maschine suchen und eine der beiden beenden. Bleibt diese: fiskal-edge journal epoch --above N, mit der Epoche, die doctor nennt.',
    ],
    it: [
      'Questa destinazione afferma che lì un’altra copia di questo registro prosegue, in un’epoca più recente. Se è vero, due macchine hanno una sola identità: il dettaglio dice se è provato.',
      'Trovare l’altra macchina e fermarne una. Se resta questa: fiskal-edge journal epoch --above N, con l’epoca indicata da doctor.',
    ],
  },
  sync_forked: {
    severity: 'alarm',
    alert: 'sync_stops',
    en: [
      'The history at this target differs from the journal: two agents shared one identity, or an old copy sold.',
      'Stop the other agent; keep both disks; ask the operator of the target.',
    ],
    de: [
      'Dieses Ziel kennt eine andere Vorgeschichte als das Journal: zwei Agenten mit einer Identität, oder eine alte Kopie hat verkauft.',
      'Den anderen Agenten beenden; beide Platten aufheben; den Betreiber des Ziels fragen.',
    ],
    it: [
      'Questa destinazione ha una storia diversa: due agenti con la stessa identità, o una vecchia copia ha venduto.',
      "Fermare l'altro agente; conservare entrambi i dischi; chiedere al gestore.",
    ],
  },
  sync_stranded: {
    severity: 'alarm',
    alert: 'sync_stops',
    en: [
      'Events of an ended epoch cannot reach this target: another copy of this journal has sold, or has excluded them.',
      'Find the other copy and stop one of the two; keep both disks. When this is resolved: fiskal-edge sync dismiss TARGET --reason TEXT.',
    ],
    de: [
      'Ereignisse einer beendeten Epoche erreichen dieses Ziel nie: eine andere Kopie dieses Journals hat verkauft oder sie ausgesperrt.',
      'Die andere Kopie suchen und eine von beiden beenden; beide Platten aufheben. Wenn es geklärt ist: fiskal-edge sync dismiss TARGET --reason TEXT.',
    ],
    it: [
      "Eventi di un'epoca terminata non raggiungono mai questa destinazione: un'altra copia di questo registro ha venduto o li ha esclusi.",
      "Cercare l'altra copia e fermare una delle due; conservare i due dischi. Una volta chiarito: fiskal-edge sync dismiss TARGET --reason TEXT.",
    ],
  },
} satisfies Readonly<Record<string, WarningText>>
