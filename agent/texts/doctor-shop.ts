import type { Translations } from './text.ts'

/** Sentences of `doctor` about backup, journal, books, devices, authorities, and the names of its lines. */
export const SHOP_TEXTS: Translations = {
  // Backup.
  'set "backup" in the configuration': {
    de: '„backup“ in der Konfiguration setzen',
    it: 'impostare "backup" nella configurazione',
  },
  '{} days old': { de: '{} Tage alt', it: 'di {} giorni fa' },
  'made to move': { de: 'für den Umzug', it: 'per il trasferimento' },
  'this machine no longer sells': { de: 'dieser Rechner verkauft nicht mehr', it: 'questa macchina non vende più' },
  'restore it on the other one': { de: 'auf dem anderen wiederherstellen', it: 'ripristinarla sull’altra' },
  'of {}, which has not come yet': { de: 'vom {}, das noch nicht war', it: 'del {}, che deve ancora venire' },
  'is the clock right? {}': { de: 'geht die Uhr richtig? {}', it: 'l’orologio è giusto? {}' },
  'is its folder there? now': { de: 'ist ihr Ordner da? jetzt', it: 'la cartella c’è? ora' },
  'not here now': { de: 'jetzt nicht hier', it: 'ora non è qui' },
  'keep it where it was taken to': {
    de: 'dort aufbewahren, wo sie hingebracht wurde',
    it: 'conservarla dove è stata portata',
  },
  'without the keys': { de: 'ohne die Schlüssel', it: 'senza le chiavi' },
  'without {}': { de: 'ohne {}', it: 'senza {}' },
  'logs of a TSE that are nowhere else': {
    de: 'Protokolle einer TSE, die es sonst nirgends gibt',
    it: 'registrazioni di una TSE che non sono altrove',
  },
  'copy the file back to its place (archives/), or make room in the folder': {
    de: 'die Datei an ihren Platz zurückkopieren (archives/) oder im Ordner Platz schaffen',
    it: 'ricopiare il file al suo posto (archives/) o fare spazio nella cartella',
  },
  'name a "passphraseFile" in "backup", else a restore has new keys': {
    de: 'in „backup“ ein „passphraseFile“ nennen, sonst hat ein Wiederherstellen neue Schlüssel',
    it: 'indicare un "passphraseFile" in "backup", altrimenti un ripristino ha chiavi nuove',
  },
  'on the same disk': { de: 'auf derselben Platte', it: 'sullo stesso disco' },
  'name a "folder" on another disk or a stick in "backup"': {
    de: 'in „backup“ einen „folder“ auf einer anderen Platte oder einem Stick nennen',
    it: 'indicare in "backup" una "folder" su un altro disco o una chiavetta',
  },
  'the last one is {}': { de: 'die letzte ist {}', it: 'l’ultima è {}' },
  '{} does not exist, and the next one belongs there': {
    de: '{} gibt es nicht, und die nächste gehört dorthin',
    it: '{} non esiste, e la prossima va lì',
  },
  'mount that disk or plug it in, or correct "folder" of "backup" in the configuration': {
    de: 'diese Platte anschließen und einhängen oder „folder“ in „backup“ berichtigen',
    it: 'montare o collegare quel disco, o correggere "folder" di "backup"',
  },
  'give that folder to the user of the agent (chown), or mount its disk writable for that user': {
    de: 'den Ordner dem Benutzer des Agenten geben (chown) oder die Platte für ihn beschreibbar einhängen',
    it: 'assegnare la cartella all’utente dell’agente (chown) o montarne il disco scrivibile per lui',
  },
  'the agent may not write in {} ({})': {
    de: 'der Agent darf in {} nicht schreiben ({})',
    it: 'l’agente non può scrivere in {} ({})',
  },
  '{} is left of one that was broken off': {
    de: '{} blieb von einer abgebrochenen übrig',
    it: '{} resta di una copia interrotta',
  },
  'the next backup removes it': { de: 'die nächste Sicherung entfernt sie', it: 'la prossima copia lo elimina' },
  'it may be another file by now': {
    de: 'inzwischen kann es eine andere Datei sein',
    it: 'ora può essere un altro file',
  },
  'look, and delete it': { de: 'nachsehen und löschen', it: 'guardare ed eliminarlo' },
  // The journal and the books.
  '{} has a write transaction open in {}': {
    de: '{} hat in {} eine Schreibtransaktion offen',
    it: '{} ha una transazione di scrittura aperta in {}',
  },
  'end that program, or its transaction': {
    de: 'dieses Programm oder seine Transaktion beenden',
    it: 'terminare quel programma o la sua transazione',
  },
  'the agent continues automatically': {
    de: 'der Agent macht automatisch weiter',
    it: 'l’agente prosegue automaticamente',
  },
  '{} reads {}, and its log has {} MB': {
    de: '{} liest {}, und dessen Log hat {} MB',
    it: '{} legge {}, e il suo log ha {} MB',
  },
  'end that program': { de: 'dieses Programm beenden', it: 'terminare quel programma' },
  'the agent then checkpoints the log automatically': {
    de: 'der Agent kürzt das Log dann automatisch',
    it: 'poi l’agente svuota il log automaticamente',
  },
  'process {} ({})': { de: 'Prozess {} ({})', it: 'processo {} ({})' },
  'fiskal-edge journal verify names all of it': {
    de: 'fiskal-edge journal verify nennt alles',
    it: 'fiskal-edge journal verify elenca tutto',
  },
  'Keep the disk as it is, export the journal (export journal), and find out who changed it': {
    de: 'Platte unverändert lassen, Journal exportieren (export journal), herausfinden, wer es geändert hat',
    it: 'Lasciare il disco com’è, esportare il registro (export journal) e scoprire chi lo ha modificato',
  },
  'Install that version again and verify with it.': {
    de: 'Diese Version wieder installieren und mit ihr prüfen.',
    it: 'Installare di nuovo quella versione e verificare con essa.',
  },
  'If it was never here, keep the disk as it is, export the journal (export journal), and find out who changed it': {
    de: 'War sie nie hier: Platte unverändert lassen, Journal exportieren (export journal), herausfinden, wer es geändert hat',
    it: 'Se qui non c’è mai stata, lasciare il disco com’è, esportare il registro (export journal) e scoprire chi lo ha modificato',
  },
  'is missing or empty, or its log (journal.db-wal) is, and this shop has sold': {
    de: 'fehlt oder ist leer, oder sein Log (journal.db-wal) ist es, und dieses Geschäft hat schon verkauft',
    it: 'manca o è vuoto, o lo è il suo log (journal.db-wal), e questo negozio ha già venduto',
  },
  'put it back, or': { de: 'zurücklegen, oder', it: 'rimetterlo, oppure' },
  'broken at seq {}': { de: 'beschädigt bei {}', it: 'danneggiato a {}' },
  'fiskal-edge journal verify names all that is wrong. {}': {
    de: 'fiskal-edge journal verify nennt alles, was falsch ist. {}',
    it: 'fiskal-edge journal verify elenca tutto ciò che è errato. {}',
  },
  'Events may have been removed or changed: keep a copy of the disk and inform the bookkeeper.': {
    de: 'Vielleicht wurden Ereignisse entfernt oder geändert: eine Kopie der Platte aufbewahren und die Buchhaltung verständigen.',
    it: 'Forse degli eventi sono stati rimossi o modificati: conservare una copia del disco e informare chi tiene i libri.',
  },
  '"fiskal-edge journal reopen" continues from here in a new epoch': {
    de: '„fiskal-edge journal reopen“ macht hier in einer neuen Epoche weiter',
    it: '"fiskal-edge journal reopen" prosegue da qui in una nuova epoca',
  },
  'journal and audit then report it permanently.': {
    de: 'Journal und Prüfung melden es dann für immer.',
    it: 'registro e verifica lo segnalano poi per sempre.',
  },
  'Change nothing, keep the disk, and call who keeps the books (docs/proof.md).': {
    de: 'Nichts ändern, die Platte aufbewahren und die Buchhaltung anrufen (docs/proof.md).',
    it: 'Non modificare nulla, conservare il disco e chiamare chi tiene i libri (docs/proof.md).',
  },
  'The state was put back': { de: 'Der Zustand wurde zurückgesetzt', it: 'Lo stato è stato riportato indietro' },
  'the journal was not changed': { de: 'das Journal wurde nicht verändert', it: 'il registro non è stato modificato' },
  'Look for the paper of both, and confirm the duty with its reason (fiskal-edge duty list).': {
    de: 'Die Ausdrucke beider suchen und die Aufgabe mit dem Grund bestätigen (fiskal-edge duty list).',
    it: 'Cercare la carta di entrambi e confermare il compito con il motivo (fiskal-edge duty list).',
  },
  'The next audit of everything that finds nothing clears it': {
    de: 'Die nächste Prüfung von allem, die nichts findet, löscht es',
    it: 'La prossima verifica completa senza rilievi lo cancella',
  },
  'The next daily verification that finds nothing clears it': {
    de: 'Die nächste tägliche Prüfung, die nichts findet, löscht es',
    it: 'La prossima verifica giornaliera senza rilievi lo cancella',
  },
  'it also runs a minute after a start.': {
    de: 'sie läuft auch eine Minute nach einem Start.',
    it: 'si esegue anche un minuto dopo un avvio.',
  },
  '{} found nothing': { de: '{} fand nichts', it: '{} non ha trovato nulla' },
  'the daily verification of {}': { de: 'die tägliche Prüfung vom {}', it: 'la verifica giornaliera del {}' },
  'the audit of {}': { de: 'die Prüfung vom {}', it: 'la verifica del {}' },
  'the {} of {} found: {}': { de: 'die {} vom {} fand: {}', it: 'la {} del {} ha trovato: {}' },
  'daily verification': { de: 'tägliche Prüfung', it: 'verifica giornaliera' },
  audit: { de: 'Prüfung', it: 'verifica' },
  'register {} is not closed since {}: {} (session_open)': {
    de: 'Kasse {} ist seit {} nicht abgeschlossen: {} (session_open)',
    it: 'la cassa {} non è chiusa dal {}: {} (session_open)',
  },
  '{} receipts over {}': { de: '{} Belege über {}', it: '{} documenti per {}' },
  '1 receipt over {}': { de: '1 Beleg über {}', it: '1 documento per {}' },
  'Count and close the session at its till': {
    de: 'An der Kasse zählen und abschließen',
    it: 'Contare e chiudere la sessione alla sua cassa',
  },
  'until then no closing (Z) and no DSFinV-K package has its receipts.': {
    de: 'bis dahin fehlen ihre Belege in jedem Abschluss (Z) und jedem DSFinV-K-Paket.',
    it: 'fino ad allora i suoi documenti mancano in ogni chiusura (Z) e pacchetto DSFinV-K.',
  },
  'from {}: {}': { de: 'ab {}: {}', it: 'dal {}: {}' },
  // Devices.
  'none is configured': { de: 'keines eingetragen', it: 'nessuno configurato' },
  'add one to "devices"': { de: 'eines in „devices“ eintragen', it: 'aggiungerne uno a "devices"' },
  'without it nothing is signed': { de: 'ohne Gerät wird nichts signiert', it: 'senza non si firma nulla' },
  'is not in the configuration, and {} cannot do without': {
    de: 'ist nicht eingetragen, und {} braucht es',
    it: 'non è nella configurazione, e {} non può farne a meno',
  },
  '{} is not known to the running agent': {
    de: '{} kennt der laufende Agent nicht',
    it: '{} non è noto all’agente attivo',
  },
  'not known to the running agent': { de: 'dem laufenden Agenten unbekannt', it: 'non noto all’agente attivo' },
  "put the agent's user into SoftHSM's group: {}": {
    de: 'den Benutzer des Agenten in die Gruppe von SoftHSM aufnehmen: {}',
    it: 'mettere l’utente dell’agente nel gruppo di SoftHSM: {}',
  },
  'Do what the message says. The agent retries automatically.': {
    de: 'Tun, was die Meldung sagt. Es wird automatisch wieder verbunden.',
    it: 'Fare ciò che dice il messaggio. Il collegamento riprende automaticamente.',
  },
  'Do what the message says': { de: 'Tun, was die Meldung sagt', it: 'Fare ciò che dice il messaggio' },
  'Check the time of this machine': { de: 'Zeit dieses Rechners prüfen', it: 'Controllare l’ora di questa macchina' },
  'A card of A-Trust has no PUK: order a new one (docs/technician.md, "A new signature card").': {
    de: 'Eine Karte von A-Trust hat keine PUK: eine neue bestellen (docs/technician.md, „A new signature card“).',
    it: 'Una smart card di A-Trust non ha PUK: ordinarne una nuova (docs/technician.md, "A new signature card").',
  },
  'Check card and reader, and "module", "token" and "pinFile" in the configuration. The agent retries automatically.': {
    de: 'Karte, Lesegerät und „module“, „token“ und „pinFile“ in der Konfiguration prüfen. Es wird automatisch wieder verbunden.',
    it: 'Controllare la smart card, il lettore e "module", "token" e "pinFile" nella configurazione. Il collegamento riprende automaticamente.',
  },
  'If it stays so: fiskal-edge support bundle FILE, for support.': {
    de: 'Bleibt es so: fiskal-edge support bundle FILE, für den Support.',
    it: 'Se resta così: fiskal-edge support bundle FILE, per l’assistenza.',
  },
  'certification by the BSI until {}': {
    de: 'Zertifizierung des BSI bis {}',
    it: 'certificazione del BSI fino al: {}',
  },
  'a day that is not entered ("certifiedUntil")': {
    de: 'zu einem Tag, der nicht eingetragen ist („certifiedUntil“)',
    it: 'giorno non indicato ("certifiedUntil")',
  },
  '{} devices are down since {}: {}': {
    de: '{} Geräte sind seit {} ausgefallen: {}',
    it: '{} dispositivi non rispondono dal {}: {}',
  },
  'find out what was lost, changed or set back before anything else is done with it': {
    de: 'zuerst herausfinden, was verloren, verändert oder zurückgesetzt wurde',
    it: 'prima scoprire che cosa è perduto, modificato o riportato indietro',
  },
  'keep this disk as it is': { de: 'diese Platte unverändert lassen', it: 'lasciare il disco com’è' },
  'fiskal-edge device last-document shows both': {
    de: 'fiskal-edge device last-document zeigt beide',
    it: 'fiskal-edge device last-document mostra entrambi',
  },
  'note it for the accountant': { de: 'für die Buchhaltung notieren', it: 'annotarlo per il commercialista' },
  'That is the unit of {}: {}. Then restart the agent.': {
    de: 'Das ist das Gerät von {}: {}. Danach den Agenten neu starten.',
    it: 'È il dispositivo di {}: {}. Poi riavviare l’agente.',
  },
  'connect it at the line of {}': { de: 'am Anschluss von {} anschließen', it: 'collegarlo alla linea di {}' },
  'write in the entry of {}: {}': { de: 'in den Eintrag von {} schreiben: {}', it: 'scrivere nella voce di {}: {}' },
  // Connected hardware.
  '{} is plugged in, but is not a serial line': {
    de: '{} ist angeschlossen, aber keine serielle Leitung',
    it: '{} è collegato, ma non è una linea seriale',
  },
  '{} is not plugged in': { de: '{} ist nicht angeschlossen', it: '{} non è collegato' },
  '{} is not connected': { de: '{} ist nicht angeschlossen', it: '{} non è collegato' },
  '{}, but {} is': { de: '{}, aber {} ist es', it: '{}, ma lo è {}' },
  '{} connected devices have the ids {}: the line may be that of any.': {
    de: '{} angeschlossene Geräte haben die Nummern {}: Der Anschluss kann jedes davon sein.',
    it: '{} dispositivi collegati hanno i numeri {}: la linea può essere di ciascuno.',
  },
  '{} and the serial number {}': { de: '{} und die Seriennummer {}', it: '{} e la matricola {}' },
  'Connect one of them in another way: by its serial line or the network.': {
    de: 'Eines davon anders anschließen: über seine serielle Leitung oder das Netz.',
    it: 'Collegarne uno in altro modo: con la sua linea seriale o in rete.',
  },
  'Write the one that is meant for "{}": {}.': {
    de: 'Das gemeinte statt „{}“ schreiben: {}.',
    it: 'Scrivere quello giusto invece di "{}": {}.',
  },
  'the name {} changes with the socket': {
    de: 'der Name {} wechselt mit der Buchse',
    it: 'il nome {} cambia con la presa',
  },
  'use its name in /dev/serial/by-id/': {
    de: 'den Namen in /dev/serial/by-id/ verwenden',
    it: 'usare il nome in /dev/serial/by-id/',
  },
  'write {} for "path"': { de: '{} statt „path“ schreiben', it: 'scrivere {} invece di "path"' },
  'write "serial": { "usb": {} } for "usb"': {
    de: '"serial": { "usb": {} } statt „usb“ schreiben',
    it: 'scrivere "serial": { "usb": {} } invece di "usb"',
  },
  'then it is found in every socket': {
    de: 'dann wird es in jeder Buchse gefunden',
    it: 'così si trova in ogni presa',
  },
  '{} has a serial line': { de: '{} hat eine serielle Leitung', it: '{} ha una linea seriale' },
  'check cable and power': { de: 'Kabel und Strom prüfen', it: 'controllare cavo e alimentazione' },
  'no serial line is plugged in': {
    de: 'keine serielle Leitung ist angeschlossen',
    it: 'nessuna linea seriale è collegata',
  },
  'if that is it': { de: 'wenn es das ist', it: 'se è quello' },
  'the service may not use it': { de: 'der Dienst darf es nicht benutzen', it: 'il servizio non può usarlo' },
  'this user may not use it': { de: 'dieser Benutzer darf es nicht benutzen', it: 'questo utente non può usarlo' },
  'for good': { de: 'auf Dauer', it: 'in modo stabile' },
  'log in again': { de: 'neu anmelden', it: 'accedere di nuovo' },
  '{} does not exist': { de: '{} gibt es nicht', it: '{} non esiste' },
  'plug the TSE in and mount it anywhere': {
    de: 'die TSE anschließen und irgendwo einhängen',
    it: 'collegare la TSE e montarla ovunque',
  },
  'then "fiskal-edge service install" writes the unit that mounts it on {}': {
    de: 'dann schreibt „fiskal-edge service install“ die Unit, die sie unter {} einhängt',
    it: 'poi "fiskal-edge service install" scrive la unit che la monta su {}',
  },
  'add to "devices": {}': { de: 'in „devices“ eintragen: {}', it: 'aggiungere a "devices": {}' },
  '{}, not configured': { de: '{}, nicht eingetragen', it: '{}, non configurato' },
  "install the card maker's PKCS#11 library and write its path for module": {
    de: 'die PKCS#11-Bibliothek des Kartenherstellers installieren und ihren Pfad als module eintragen',
    it: 'installare la libreria PKCS#11 del produttore della carta e scriverne il percorso in module',
  },
  'connect it to the network and write its address for host': {
    de: 'ans Netz anschließen und die Adresse als host eintragen',
    it: 'collegarlo alla rete e scriverne l’indirizzo in host',
  },
  'no serial number': { de: 'ohne Seriennummer', it: 'senza matricola' },
  'serial line': { de: 'serielle Leitung', it: 'linea seriale' },
  '{} card reader': { de: 'Kartenleser {}', it: 'lettore {}' },
  '{} serial adapter': { de: 'serieller Adapter {}', it: 'adattatore seriale {}' },
  '{} printer': { de: 'Drucker {}', it: 'stampante {}' },
  // The tax office.
  'compare units, registers and receipts with the portal (fiskal-edge duty list --all)': {
    de: 'Einheiten, Kassen und Belege mit dem Portal vergleichen (fiskal-edge duty list --all)',
    it: 'confrontare dispositivi, casse e documenti con il portale (fiskal-edge duty list --all)',
  },
  'correct "authorities" or its file': {
    de: '„authorities“ oder die Datei berichtigen',
    it: 'correggere "authorities" o il suo file',
  },
  reached: { de: 'erreicht', it: 'raggiunto' },
  readable: { de: 'lesbar', it: 'leggibile' },
  'credentials of {}': { de: 'Zugangsdaten von {}', it: 'credenziali di {}' },
  credentials: { de: 'Zugangsdaten', it: 'credenziali' },
  'each confirmation is by relay {}, not by the office': {
    de: 'jede Bestätigung kommt vom Relais {}, nicht vom Amt',
    it: 'ogni conferma viene dal relay {}, non dall’ufficio',
  },
  '{} confirmed by relay {}': { de: '{}: vom Relais {} bestätigt', it: '{}: conferma dal relay {}' },
  '1 duty was': { de: '1 Aufgabe', it: '1 compito' },
  '{} duties were': { de: '{} Aufgaben', it: '{} compiti' },
  'correct the files, or': { de: 'die Dateien berichtigen, oder', it: 'correggere i file, oppure' },
  'refused ({})': { de: 'abgelehnt ({})', it: 'rifiutato ({})' },
  'correct "merchant" of the account in "authorities", or report by hand': {
    de: '„merchant“ des Kontos in „authorities“ berichtigen oder von Hand melden',
    it: 'correggere "merchant" del conto in "authorities" o comunicare a mano',
  },
  'no account is for merchant {}': { de: 'kein Konto ist für Unternehmen {}', it: 'nessun conto è per l’impresa {}' },
  // Sentences around others.
  '{}, then {}': { de: '{}, dann {}', it: '{}, poi {}' },
  'then {}': { de: 'dann {}', it: 'poi {}' },
  '{}, then': { de: '{}, danach', it: '{}, poi' },
  '{} shows why': { de: '{} zeigt, warum', it: '{} mostra perché' },
  '{} ({}:{}, {})': { de: '{} ({}:{}, {})', it: '{} ({}:{}, {})' },
  // The names of lines.
  'agent id': { de: 'Agent', it: 'agente' },
  alerts: { de: 'Nachrichten', it: 'messaggi' },
  backup: { de: 'Sicherung', it: 'copia' },
  clock: { de: 'Uhr', it: 'orologio' },
  configuration: { de: 'Konfiguration', it: 'configurazione' },
  daemon: { de: 'Agent', it: 'agente' },
  devices: { de: 'Geräte', it: 'dispositivi' },
  'disk of {}': { de: 'Laufwerk von {}', it: 'disco di {}' },
  'disk space': { de: 'Speicherplatz', it: 'spazio su disco' },
  'disk speed': { de: 'Plattentempo', it: 'velocità del disco' },
  duties: { de: 'Aufgaben', it: 'compiti' },
  duty: { de: 'Aufgabe', it: 'compito' },
  'host names': { de: 'Rechnernamen', it: 'nomi host' },
  journal: { de: 'Journal', it: 'registro' },
  'journal lock': { de: 'Sperre des Journals', it: 'blocco del registro' },
  keys: { de: 'Schlüssel', it: 'chiavi' },
  'library of {}': { de: 'Bibliothek von {}', it: 'libreria di {}' },
  'line of {}': { de: 'Anschluss von {}', it: 'linea di {}' },
  'module {}': { de: 'Modul {}', it: 'modulo {}' },
  package: { de: 'Paket', it: 'pacchetto' },
  place: { de: 'Ort', it: 'posto' },
  'plugged in': { de: 'angeschlossen', it: 'collegato' },
  port: { de: 'Port', it: 'porta' },
  proof: { de: 'Nachweis', it: 'prova' },
  'receipt fonts': { de: 'Schriften der Belege', it: 'caratteri' },
  secrets: { de: 'Geheimnisse', it: 'segreti' },
  service: { de: 'Dienst', it: 'servizio' },
  session: { de: 'Sitzung', it: 'sessione' },
  sessions: { de: 'Sitzungen', it: 'sessioni' },
  'state disk': { de: 'Platte des Zustands', it: 'disco dello stato' },
  support: { de: 'Hilfe', it: 'assistenza' },
  sync: { de: 'Übertragung', it: 'trasmissione' },
  'sync {}': { de: 'Ziel {}', it: 'destinazione {}' },
  'time source': { de: 'Zeitquelle', it: 'sorgente dell’ora' },
  'tls authority': { de: 'TLS-Stelle', it: 'autorità TLS' },
  'tls files': { de: 'TLS-Dateien', it: 'file TLS' },
  'tls names': { de: 'TLS-Namen', it: 'nomi TLS' },
  'tls target': { de: 'TLS-Ziel', it: 'destinazione TLS' },
  'tls terminal': { de: 'TLS-Terminal', it: 'terminale TLS' },
}
