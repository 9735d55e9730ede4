// Warnings and their remedies in German and Italian; the agent sends the English texts.

import { WORDS_OF_DEVICES } from './device-warnings.js'
import { language } from './words.js'

/** Code → message and remedy, German then Italian. Commands stay as they are typed. */
/** @type {{ [code: string]: readonly [string, string, string, string] }} */
const WORDS = {
  ...WORDS_OF_DEVICES,
  journal_damaged: [
    'Das Journal ist beschädigt: es wird nichts Neues verkauft.',
    'Agenten beenden, Platte so lassen wie sie ist, letzte Sicherung auf einer anderen einspielen: fiskal-edge restore FILE.',
    'Il giornale è danneggiato: non si vende nulla di nuovo.',
    "Fermare l'agente, lasciare il disco com'è, ripristinare l'ultima copia su un altro: fiskal-edge restore FILE.",
  ],
  projections_differ: [
    'Eine Tabelle der Datenbank weicht von den Ereignissen ab, aus denen sie entstand. Der Agent verwendet die Ereignisse.',
    'Das Zustandsverzeichnis kopieren und klären, wer es geändert hat oder ob die Platte versagt: fiskal-edge journal verify nennt die Zeile. Dann den Agenten anhalten und fiskal-edge journal rebuild ausführen.',
    'Una tabella del database è diversa dagli eventi da cui è stata creata. L’agente usa gli eventi.',
    "Copiare la directory di stato e chiarire chi l'ha modificata o se il disco è guasto: fiskal-edge journal verify indica la riga. Poi fermare l'agente ed eseguire fiskal-edge journal rebuild.",
  ],
  journal_newer: [
    'In dieses Journal hat eine neuere Version des Agenten geschrieben. Diese verkauft weiter; Ereignisse, die sie nicht kennt, behält sie und zeigt sie nicht.',
    'Die neuere Version wieder installieren, wenn sie berichtigt ist: fiskal-edge update FILE.',
    'In questo giornale ha scritto una versione più recente dell’agente. Questa continua a vendere; conserva gli eventi che non conosce e non li mostra.',
    'Reinstallare la versione più recente quando è corretta: fiskal-edge update FILE.',
  ],
  merchant_missing: [
    'In diesem Journal ist kein Geschäft angelegt.',
    'Ein neues: seinen Händler anlegen (POST /v1/merchants). Eines, das schon verkauft hat: den Agenten anhalten; sein Zustandsverzeichnis liegt woanders, oder seine Platte ist nicht eingehängt.',
    'In questo giornale non è configurato alcun negozio.',
    "Uno nuovo: creare l'esercente (POST /v1/merchants). Uno che ha già venduto: fermare l'agente; la sua directory di stato è altrove, o il suo disco non è montato.",
  ],
  journal_held: [
    'Ein anderes Programm hält das Journal: bis es seine Transaktion beendet, wird nichts Neues verkauft.',
    'Dieses Programm beenden: fiskal-edge doctor nennt es. Der Verkauf geht automatisch weiter.',
    'Un altro programma blocca il giornale: non si vende nulla di nuovo finché non termina la sua transazione.',
    'Terminare quel programma: fiskal-edge doctor lo indica. La vendita riprende automaticamente.',
  ],
  long_reader: [
    'Ein anderes Programm liest das Journal seit mehr als einer Minute: dessen Log wächst, bis dieses Programm endet.',
    'Dieses Programm beenden: fiskal-edge doctor nennt es. Der Agent leert das Log danach automatisch.',
    'Un altro programma legge il giornale da più di un minuto: il suo log cresce finché quel programma non termina.',
    "Terminare quel programma: fiskal-edge doctor lo indica. Poi l'agente svuota il log automaticamente.",
  ],
  disk_full: [
    'Die Platte ist voll: nur laufende Vorgänge werden beendet.',
    'Platz auf der Platte des Zustandsverzeichnisses schaffen; der Verkauf geht von selbst weiter.',
    'Il disco è pieno: si terminano solo le operazioni in corso.',
    'Liberare spazio sul disco dei dati; la vendita riprende da sola.',
  ],
  disk_low: [
    'Die Platte wird voll.',
    'Platz schaffen (df -h; Dateien: df -i) oder auf eine größere umziehen.',
    'Il disco si sta riempiendo.',
    'Liberare spazio (df -h; file: df -i) o passare a un disco più grande.',
  ],
  state_volatile: [
    'Das Zustandsverzeichnis liegt im Arbeitsspeicher: mit dem nächsten Stromausfall oder Neustart der Maschine ist das Journal weg.',
    'Nichts mehr verkaufen. Den Agenten anhalten, das Zustandsverzeichnis auf eine Platte kopieren (cp -a), sie in "state" nennen, den Agenten starten; in einem Container dort ein Volume einhängen.',
    'La directory di stato è in memoria: la prossima interruzione di corrente o il riavvio della macchina cancella il giornale.',
    'Non vendere altro. Fermare l\'agente, copiare la directory di stato su un disco (cp -a), indicarla in "state", avviare l\'agente; in un container montare lì un volume.',
  ],
  stick_out: [
    'Ein Ordner für Kopien lag auf einer anderen Platte und liegt jetzt auf der des Journals: dort wird nichts geschrieben.',
    'Den Datenträger einstecken und einhängen; der Agent macht von selbst weiter. Kommt er nicht wieder, in der Konfiguration einen anderen Ordner nennen.',
    'Una cartella per le copie era su un altro disco e ora è su quello del giornale: lì non si scrive nulla.',
    "Inserire e montare quel disco; l'agente riprende da solo. Se non tornerà, indicare un'altra cartella nella configurazione.",
  ],
  backup_place: [
    'Ein Ordner für Kopien liegt auf der Platte des Journals: fällt sie aus, ist beides verloren.',
    'In der Konfiguration einen Ordner auf einer anderen Platte oder einem Stick nennen.',
    'Una cartella per le copie è sul disco del giornale: se quel disco si guasta, si perde tutto.',
    'Indicare nella configurazione una cartella su un altro disco o una chiavetta.',
  ],
  disk_slow: [
    'Die Platte ist langsam: jeder Verkauf wartet auf sie.',
    'Nach einem Programm suchen, das viel schreibt; SD-Karte oder alte Platte durch eine SSD ersetzen.',
    'Il disco è lento: ogni vendita lo attende.',
    'Cercare un programma che scrive molto; sostituire la scheda SD o il vecchio disco con un SSD.',
  ],
  clock_implausible: [
    'Die Uhr dieser Maschine hat ihre Zeit verloren oder wurde zurückgestellt.',
    'Zeit stellen, wenn sie falsch ist (timedatectl), Batterie der Platine prüfen; ist sie richtig und ging zuvor vor, steht in fiskal-edge task list eine Aufgabe, die das sagt: fiskal-edge task confirm ID.',
    "L'orologio di questa macchina ha perso l'ora o è stato portato indietro.",
    "Impostare l'ora se è sbagliata (timedatectl), controllare la batteria della scheda madre; se è giusta e prima era avanti, fiskal-edge task list ha un compito che lo dice: fiskal-edge task confirm ID.",
  ],
  register_key_lost: [
    'Der AES-Schlüssel einer Kasse in Österreich ist verloren: sie zeichnet nichts mehr auf.',
    'Den Agenten anhalten, dann fiskal-edge restore DATEI --keys-only mit einer Sicherung, die die Schlüssel hat; ohne sie eine neue Kasse anlegen.',
    'La chiave AES di una cassa in Austria è perduta: non registra più nulla.',
    'Fermare l’agente, poi fiskal-edge restore FILE --keys-only con una copia che ha le chiavi; senza, creare una nuova cassa.',
  ],
  tls_certificate_not_yet_valid: [
    'Ein Zertifikat gilt noch nicht: es wurde bei vorgehender Uhr gemacht, und Kassen im Netz werden abgewiesen.',
    'Die Uhr stellen, wenn sie falsch geht; sonst nennt fiskal-edge doctor es und den Befehl für ein neues.',
    'Un certificato non è ancora valido: fu fatto con l’ora avanti, e le casse in rete sono rifiutate.',
    "Correggere l'ora se è sbagliata; altrimenti fiskal-edge doctor lo indica insieme al comando per farne un altro.",
  ],
  tls_certificate_expiring: [
    'Ein Zertifikat läuft bald ab: danach werden Kassen im Netz abgewiesen.',
    'fiskal-edge doctor nennt es und den Befehl für ein neues.',
    'Un certificato sta per scadere: poi le casse in rete saranno rifiutate.',
    'fiskal-edge doctor lo indica insieme al comando per farne un altro.',
  ],
  tls_certificate_expired: [
    'Ein Zertifikat ist abgelaufen: Kassen im Netz werden abgewiesen.',
    'fiskal-edge doctor nennt es und den Befehl für ein neues.',
    'Un certificato è scaduto: le casse in rete sono rifiutate.',
    'fiskal-edge doctor lo indica insieme al comando per farne un altro.',
  ],
  backup_overdue: [
    'Seit zwei Tagen gibt es keine Sicherung: eine kaputte Platte nähme mit, was verkauft wurde.',
    'fiskal-edge backup FILE sagt, was fehlt; „backup“ in der Konfiguration ansehen, und ob der Stick steckt.',
    'Da due giorni non c’è alcuna copia: un disco guasto porterebbe via le vendite.',
    'fiskal-edge backup FILE dice che cosa non va; guardare "backup" nella configurazione e se la chiavetta è inserita.',
  ],
  task_overdue: [
    'Eine Pflicht gegenüber der Behörde ist über ihren Tag hinaus offen.',
    'fiskal-edge task list sagt wie; danach fiskal-edge task confirm ID.',
    "Un adempimento verso l'autorità è scaduto.",
    'fiskal-edge task list spiega come; poi fiskal-edge task confirm ID.',
  ],
  sync_delayed_15_min: [
    'Seit 15 Minuten erreicht nichts dieses Ziel. Der Verkauf ist nicht berührt.',
    'Netz und Adresse prüfen; es wird von selbst weiter versucht.',
    'Da 15 minuti nulla raggiunge questa destinazione. La vendita non ne risente.',
    'Controllare rete e indirizzo; si riprova da solo.',
  ],
  sync_delayed_24_h: [
    'Seit einem Tag erreicht nichts dieses Ziel: was verkauft wurde, liegt nur auf dieser Platte.',
    'Netz, Adresse und Token des Ziels prüfen: fiskal-edge doctor.',
    'Da un giorno nulla raggiunge questa destinazione: le vendite sono solo su questo disco.',
    'Controllare rete, indirizzo e token: fiskal-edge doctor.',
  ],
  target_certificate_expiring: [
    'Das Zertifikat, das diesem Ziel gezeigt wird, läuft bald ab: danach nimmt es nichts mehr von hier.',
    'Ein neues und seinen Schlüssel an deren Stelle legen („tls“ des Ziels); ein Neustart ist nicht nötig.',
    'Il certificato mostrato a questa destinazione sta per scadere: poi non accetterà più nulla da qui.',
    'Metterne al suo posto un altro con la sua chiave ("tls" della destinazione); non serve riavviare.',
  ],
  target_certificate_invalid: [
    'Das Zertifikat, das diesem Ziel gezeigt wird, ist abgelaufen oder gilt noch nicht: es nimmt nichts von hier.',
    'Die Uhr stellen, wenn sie falsch geht; sonst ein neues und seinen Schlüssel an deren Stelle legen („tls“ des Ziels).',
    'Il certificato mostrato a questa destinazione è scaduto o non è ancora valido: non accetta nulla da qui.',
    'Correggere l\'ora se è sbagliata; altrimenti metterne un altro con la sua chiave ("tls" della destinazione).',
  ],
  sync_stalled: [
    'Dieses Ziel weist ein Ereignis ab: es wird nichts mehr dorthin übertragen.',
    'fiskal-edge doctor nennt das Ereignis; den Betreiber des Ziels fragen.',
    'Questa destinazione rifiuta un evento: non si trasmette più nulla.',
    "fiskal-edge doctor indica l'evento; chiedere al gestore della destinazione.",
  ],
  sync_claim_unproven: [
    'Dieses Ziel behauptet, eine andere Vorgeschichte des Journals oder mehr davon zu haben, und zeigt nichts, was der Schlüssel dieses Journals signiert hat: ihm wird nicht geglaubt.',
    'Den Betreiber des Ziels fragen. Der Verkauf geht weiter; das Ziel wird von selbst wieder gefragt, sofort mit fiskal-edge sync resume TARGET.',
    'Questa destinazione afferma di avere un’altra storia del giornale, o più eventi, e non mostra nulla che la chiave di questo giornale abbia firmato: non le si crede.',
    'Chiedere al gestore della destinazione. Le vendite proseguono; si riprova da sé, o subito con fiskal-edge sync resume TARGET.',
  ],
  sync_replaced: [
    'Dieses Ziel behauptet eine neuere Epoche: Eine andere Kopie dieses Journals werde dort fortgeführt. Stimmt das, haben zwei Maschinen eine Identität; ob es bewiesen ist, steht dabei.',
    'Die andere Maschine suchen und eine der beiden beenden. Bleibt diese: fiskal-edge journal epoch --above N, mit der Epoche, die doctor nennt.',
    'Questa destinazione afferma che lì un’altra copia di questo giornale prosegue, in un’epoca più recente. Se è vero, due macchine hanno una sola identità: il dettaglio dice se è provato.',
    'Trovare l’altra macchina e fermarne una. Se resta questa: fiskal-edge journal epoch --above N, con l’epoca indicata da doctor.',
  ],
  sync_forked: [
    'Dieses Ziel kennt eine andere Vorgeschichte als das Journal: zwei Agenten mit einer Identität, oder eine alte Kopie hat verkauft.',
    'Den anderen Agenten beenden; beide Platten aufheben; den Betreiber des Ziels fragen.',
    'Questa destinazione ha una storia diversa: due agenti con la stessa identità, o una vecchia copia ha venduto.',
    "Fermare l'altro agente; conservare entrambi i dischi; chiedere al gestore.",
  ],
  sync_stranded: [
    'Ereignisse einer beendeten Epoche erreichen dieses Ziel nie: eine andere Kopie dieses Journals hat verkauft oder sie ausgesperrt.',
    'Die andere Kopie suchen und eine von beiden beenden; beide Platten aufheben. Wenn es geklärt ist: fiskal-edge sync dismiss TARGET --reason TEXT.',
    "Eventi di un'epoca terminata non raggiungono mai questa destinazione: un'altra copia di questo giornale ha venduto o li ha esclusi.",
    "Cercare l'altra copia e fermare una delle due; conservare i due dischi. Una volta chiarito: fiskal-edge sync dismiss TARGET --reason TEXT.",
  ],
}

/** @param {{ code: string, message: string, remedy: string, device?: string, target?: string }} warning */
export function wordsOfWarning({ code, message, remedy, ...of }) {
  const words = WORDS[code]
  if (words === undefined || language() === 'en') return { message, remedy }
  const [germanMessage, germanRemedy, italianMessage, italianRemedy] = words
  return language() === 'de'
    ? { message: germanMessage, remedy: completed(germanRemedy, of) }
    : { message: italianMessage, remedy: completed(italianRemedy, of) }
}

/**
 * Puts the device or target of the warning into the commands, so that they can be copied; in English the agent has done
 * it.
 * @param {string} remedy
 * @param {{ device?: string, target?: string }} of
 */
function completed(remedy, { device, target }) {
  return remedy
    .replaceAll(/(?<=fiskal-edge device [a-z-]+ )ID\b/g, (id) => device ?? id)
    .replaceAll(/(?<=fiskal-edge sync [a-z-]+ )TARGET\b/g, (id) => target ?? id)
}
