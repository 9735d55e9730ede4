import type { Translations } from './text.ts'

/** Sentences of `doctor` about channels of alerts and targets of the journal. */
export const TARGET_TEXTS: Translations = {
  // Channels.
  connection: { de: 'Verbindung', it: 'connessione' },
  certificate: { de: 'Zertifikat', it: 'certificato' },
  login: { de: 'Anmeldung', it: 'accesso' },
  'the agent tries again automatically': {
    de: 'der Agent versucht es automatisch erneut',
    it: 'l’agente riprova automaticamente',
  },
  'for that recipient alone': { de: 'nur für diesen Empfänger', it: 'solo per quel destinatario' },
  'the server has no such hook': {
    de: 'der Server kennt diese Adresse nicht',
    it: 'il server non conosce questo indirizzo',
  },
  'the server redirects': { de: 'der Server leitet um', it: 'il server reindirizza' },
  'put the address that it names into "url"': {
    de: 'die genannte Adresse in „url“ eintragen',
    it: 'mettere in "url" l’indirizzo che indica',
  },
  'its operator must verify the signature with the secret in "secretFile"': {
    de: 'sein Betreiber muss die Signatur mit dem Geheimnis in „secretFile“ prüfen',
    it: 'il gestore deve verificare la firma con il segreto di "secretFile"',
  },
  'a proxy or firewall on the way may also answer this': {
    de: 'auch ein Proxy oder eine Firewall auf dem Weg kann so antworten',
    it: 'può rispondere così anche un proxy o un firewall nel mezzo',
  },
  'correct "from" and "to" of "alerts.mail"': {
    de: '„from“ und „to“ in „alerts.mail“ berichtigen',
    it: 'correggere "from" e "to" di "alerts.mail"',
  },
  'many servers accept only the address of the login as "from"': {
    de: 'viele Server nehmen als „from“ nur die Adresse der Anmeldung an',
    it: 'molti server accettano come "from" solo l’indirizzo dell’accesso',
  },
  'save that file again, and let the agent read it': {
    de: 'diese Datei neu speichern und für den Agenten lesbar machen',
    it: 'salvare di nuovo quel file e renderlo leggibile all’agente',
  },
  'in "alerts.mail", use "security": "tls" with port 465, "starttls" with port 587, or as its operator says': {
    de: 'in „alerts.mail“ "security": "tls" mit Port 465, „starttls“ mit Port 587 oder wie der Betreiber es nennt',
    it: 'in "alerts.mail" usare "security": "tls" con la porta 465, "starttls" con la 587 o come indica il gestore',
  },
  'if both are right, a firewall holds the connection': {
    de: 'stimmt beides, hält eine Firewall die Verbindung auf',
    it: 'se entrambi sono giusti, un firewall blocca la connessione',
  },
  'set "heloName" of "alerts.mail" to the public name of this line, or use port 587 with a login': {
    de: '„heloName“ in „alerts.mail“ auf den öffentlichen Namen dieser Leitung setzen oder Port 587 mit Anmeldung verwenden',
    it: 'impostare "heloName" di "alerts.mail" al nome pubblico di questa linea o usare la porta 587 con accesso',
  },
  'correct that address in "to" of "alerts.mail"': {
    de: 'diese Adresse in „to“ von „alerts.mail“ berichtigen',
    it: 'correggere quell’indirizzo in "to" di "alerts.mail"',
  },
  'the other recipients have the message': {
    de: 'die anderen Empfänger haben die Nachricht',
    it: 'gli altri destinatari hanno il messaggio',
  },
  'the server defers new senders (greylisting) or is busy': {
    de: 'der Server lässt neue Absender warten (Greylisting) oder ist ausgelastet',
    it: 'il server rinvia i nuovi mittenti (greylisting) o è occupato',
  },
  'the server is busy': { de: 'der Server ist ausgelastet', it: 'il server è occupato' },
  'the server has no space': { de: 'der Server hat keinen Platz', it: 'il server non ha spazio' },
  'the server requires a login': { de: 'der Server verlangt eine Anmeldung', it: 'il server richiede un accesso' },
  'add "user" and "passwordFile" to "alerts.mail"': {
    de: '„user“ und „passwordFile“ in „alerts.mail“ eintragen',
    it: 'aggiungere "user" e "passwordFile" ad "alerts.mail"',
  },
  'many providers require an app password': {
    de: 'viele Anbieter verlangen ein App-Passwort',
    it: 'molti fornitori richiedono una password per le app',
  },
  'put one into the "passwordFile" of "alerts.mail"': {
    de: 'eines ins „passwordFile“ von „alerts.mail“ schreiben',
    it: 'metterne una nel "passwordFile" di "alerts.mail"',
  },
  'correct "user" or the "passwordFile" of "alerts.mail"': {
    de: '„user“ oder das „passwordFile“ von „alerts.mail“ berichtigen',
    it: 'correggere "user" o il "passwordFile" di "alerts.mail"',
  },
  'a proxy on the way answers': { de: 'ein Proxy auf dem Weg antwortet', it: 'risponde un proxy nel mezzo' },
  'let this machine reach that host directly': {
    de: 'diesen Rechner den Server direkt erreichen lassen',
    it: 'far raggiungere direttamente il server a questa macchina',
  },
  'the server asks to wait': { de: 'der Server bittet zu warten', it: 'il server chiede di attendere' },
  'put the certificate of the authority (PEM) into the "caFile" of that channel': {
    de: 'das Zertifikat der Stelle (PEM) ins „caFile“ dieses Kanals legen',
    it: 'mettere il certificato dell’autorità (PEM) nel "caFile" di quel canale',
  },
  'save that file again': { de: 'diese Datei neu speichern', it: 'salvare di nuovo quel file' },
  'the secret alone, on its first line': {
    de: 'nur das Geheimnis, in der ersten Zeile',
    it: 'solo il segreto, nella prima riga',
  },
  'a program that is not a webhook may listen there: is "url" right?': {
    de: 'dort lauscht vielleicht ein anderes Programm: stimmt „url“?',
    it: 'forse lì ascolta un altro programma: "url" è giusto?',
  },
  'check the network and the address': { de: 'Netz und Adresse prüfen', it: 'controllare rete e indirizzo' },
  'many providers block port 25': { de: 'viele Anbieter sperren Port 25', it: 'molti fornitori bloccano la porta 25' },
  'the server uses no TLS there': { de: 'der Server spricht dort kein TLS', it: 'lì il server non usa TLS' },
  'the "caFile" of that channel': { de: 'das „caFile“ dieses Kanals', it: 'il "caFile" di quel canale' },
  'correct the entry of that channel': {
    de: 'den Eintrag dieses Kanals berichtigen',
    it: 'correggere la voce di quel canale',
  },
  // Targets.
  current: { de: 'aktuell', it: 'aggiornata' },
  behind: { de: 'im Rückstand', it: 'in ritardo' },
  offline: { de: 'nicht erreichbar', it: 'non raggiungibile' },
  stalled: { de: 'angehalten', it: 'ferma' },
  forked: { de: 'gegabelt', it: 'biforcata' },
  '{} events wait': { de: '{} Ereignisse warten', it: '{} eventi in attesa' },
  'the oldest waits for more than 15 minutes': {
    de: 'das älteste seit mehr als 15 Minuten',
    it: 'il più vecchio da più di 15 minuti',
  },
  'the oldest waits for more than 24 hours': {
    de: 'das älteste seit mehr als 24 Stunden',
    it: 'il più vecchio da più di 24 ore',
  },
  'start the agent': { de: 'den Agenten starten', it: 'avviare l’agente' },
  'it sends them': { de: 'er sendet sie', it: 'li invia' },
  '{}: the token of a receiver is issued to it': {
    de: '{}: darauf wird das Token eines Empfängers ausgestellt',
    it: '{}: a questo si rilascia il token di un ricevitore',
  },
  'begins at the first start': { de: 'beginnt beim ersten Start', it: 'comincia al primo avvio' },
  'is the disk there? {}': { de: 'ist die Platte da? {}', it: 'il disco c’è? {}' },
  'check network, {}': { de: 'prüfen: Netz, {}', it: 'controllare rete, {}' },
  'address, {} and client certificate': {
    de: 'Adresse, {} und Client-Zertifikat',
    it: 'indirizzo, {} e certificato client',
  },
  token: { de: 'Token', it: 'token' },
  'address and {}': { de: 'Adresse und {}', it: 'indirizzo e {}' },
  'one of the two clocks is wrong': { de: 'eine der beiden Uhren geht falsch', it: 'uno dei due orologi è sbagliato' },
  'this machine\'s if "time source" reports it, else that of the target': {
    de: 'die dieses Rechners, wenn „Zeitquelle“ es meldet, sonst die des Ziels',
    it: 'quello di questa macchina se lo segnala "sorgente dell’ora", altrimenti quello della destinazione',
  },
  'nothing is lost': { de: 'nichts ist verloren', it: 'nulla è perduto' },
  'the agent retries automatically, and at once when the cause is fixed': {
    de: 'der Agent versucht es automatisch erneut, sofort nach Behebung mit',
    it: 'l’agente riprova automaticamente, subito a causa risolta con',
  },
  'another copy of this journal continues there': {
    de: 'eine andere Kopie dieses Journals läuft dort weiter',
    it: 'lì prosegue un’altra copia di questo registro',
  },
  'find that machine and stop one of the two': {
    de: 'diesen Rechner finden und einen der beiden anhalten',
    it: 'trovare quella macchina e fermare una delle due',
  },
  'If this one is to stay': { de: 'Soll dieser bleiben', it: 'Se resta questa' },
  'fiskal-edge journal epoch --above N, the epoch that it has there': {
    de: 'fiskal-edge journal epoch --above N, die dortige Epoche',
    it: 'fiskal-edge journal epoch --above N, l’epoca che ha lì',
  },
  'another copy of this journal has sold, or has shut them out': {
    de: 'eine andere Kopie dieses Journals hat verkauft oder sie ausgesperrt',
    it: 'un’altra copia di questo registro ha venduto o li ha esclusi',
  },
  'find it and stop one of the two': {
    de: 'sie finden und eine der beiden anhalten',
    it: 'trovarla e fermare una delle due',
  },
  'once it is clear': { de: 'sobald es klar ist', it: 'una volta chiarito' },
  'two copies of this journal have sold': {
    de: 'zwei Kopien dieses Journals haben verkauft',
    it: 'due copie di questo registro hanno venduto',
  },
  'find the other one (fiskal-edge duty list)': {
    de: 'die andere finden (fiskal-edge duty list)',
    it: 'trovare l’altra (fiskal-edge duty list)',
  },
  'the log shows what prevents the backup': {
    de: 'das Protokoll zeigt, was die Sicherung verhindert',
    it: 'il log mostra che cosa impedisce la copia',
  },
  'our clock is {} s off': { de: 'unsere Uhr geht um {} s falsch', it: 'il nostro orologio sbaglia di {} s' },
  '{} of an earlier epoch never get there': {
    de: '{} einer früheren Epoche kommen nie an',
    it: '{} di un’epoca precedente non arrivano mai',
  },
  '{} of an earlier epoch dismissed': {
    de: '{} einer früheren Epoche zurückgestellt',
    it: '{} di un’epoca precedente accantonati',
  },
  'it takes no backups': { de: 'es nimmt keine Sicherungen an', it: 'non accetta copie' },
  'backup of {}Z {}': { de: 'Sicherung vom {}Z {}', it: 'copia del {}Z {}' },
  'its certificate is of an authority that this machine does not know': {
    de: 'sein Zertifikat ist von einer Stelle, die dieser Rechner nicht kennt',
    it: 'il certificato è di un’autorità che questa macchina non conosce',
  },
  'name it in {}': { de: 'sie in {} nennen', it: 'indicarla in {}' },
  'the target\'s "tls": { "caFile": … }': {
    de: '"tls": { "caFile": … } des Ziels',
    it: '"tls": { "caFile": … } della destinazione',
  },
  "its certificate is not valid today: is this machine's clock right? Then its operator must renew it": {
    de: 'sein Zertifikat gilt heute nicht: geht die Uhr dieses Rechners richtig? Dann muss der Betreiber es erneuern',
    it: 'il certificato oggi non vale: l’orologio di questa macchina è giusto? Allora il gestore deve rinnovarlo',
  },
  'a proxy answers, and its receiver does not': {
    de: 'ein Proxy antwortet, der Empfänger dahinter nicht',
    it: 'risponde un proxy, non il suo ricevitore',
  },
  'its operator must check it': { de: 'der Betreiber muss es prüfen', it: 'il gestore deve controllarlo' },
  'a program that is not a receiver answers there: a network that wants a login first, or another service? Is {} right?':
    {
      de: 'dort antwortet kein Empfänger: ein Netz, das erst eine Anmeldung will, oder ein anderer Dienst? Stimmt {}?',
      it: 'lì non risponde un ricevitore: una rete che chiede prima l’accesso o un altro servizio? {} è giusto?',
    },
  'the disk is full': { de: 'die Platte ist voll', it: 'il disco è pieno' },
  'free space on it, or replace it with a larger one': {
    de: 'Platz schaffen oder durch eine größere ersetzen',
    it: 'liberare spazio o sostituirlo con uno più grande',
  },
  'stored events are kept': { de: 'gespeicherte Ereignisse bleiben', it: 'gli eventi salvati restano' },
  'its answer is impossible, and nothing counts as stored': {
    de: 'seine Antwort ist unmöglich, und nichts gilt als gespeichert',
    it: 'la risposta è impossibile, e nulla vale come salvato',
  },
  'host name not found': { de: 'Rechnername nicht gefunden', it: 'nome host non trovato' },
  'correct it in {}, or check DNS': {
    de: 'in {} berichtigen oder DNS prüfen',
    it: 'correggerlo in {} o controllare il DNS',
  },
  'the name server does not answer: is the line to the internet up, and are the servers in /etc/resolv.conf right?': {
    de: 'der Nameserver antwortet nicht: steht die Internetleitung, und stimmen die Server in /etc/resolv.conf?',
    it: 'il server dei nomi non risponde: la linea internet funziona, e i server in /etc/resolv.conf sono giusti?',
  },
  'a proxy or a firewall on the way answers, not the receiver': {
    de: 'ein Proxy oder eine Firewall auf dem Weg antwortet, nicht der Empfänger',
    it: 'risponde un proxy o un firewall nel mezzo, non il ricevitore',
  },
  'let this machine reach {} directly, or log in to that network': {
    de: 'diesen Rechner {} direkt erreichen lassen oder in jenem Netz anmelden',
    it: 'far raggiungere {} direttamente a questa macchina o accedere a quella rete',
  },
  'put a token of this agent into the "tokenFile"': {
    de: 'ein Token dieses Agenten ins „tokenFile“ legen',
    it: 'mettere un token di questo agente nel "tokenFile"',
  },
  'the operator of the receiver creates one (fiskal-edge receiver token agent AGENT_ID)': {
    de: 'der Betreiber des Empfängers erstellt eines (fiskal-edge receiver token agent AGENT_ID)',
    it: 'il gestore del ricevitore ne crea uno (fiskal-edge receiver token agent AGENT_ID)',
  },
  'its certificate is for another name': {
    de: 'sein Zertifikat gilt für einen anderen Namen',
    it: 'il certificato vale per un altro nome',
  },
  'use that name in {}, or have its operator make one for this name': {
    de: 'jenen Namen in {} verwenden oder den Betreiber eines für diesen ausstellen lassen',
    it: 'usare quel nome in {} o farne emettere uno per questo dal gestore',
  },
  "it requires a client certificate: name one in the target's {}": {
    de: 'es verlangt ein Client-Zertifikat: in der Angabe des Ziels eines nennen: {}',
    it: 'richiede un certificato client: indicarne uno nella voce della destinazione: {}',
  },
  'the server does not support TLS 1.2 or 1.3: are host and port in {} right?': {
    de: 'der Server kann weder TLS 1.2 noch 1.3: stimmen Rechner und Port in {}?',
    it: 'il server non supporta TLS 1.2 né 1.3: host e porta in {} sono giusti?',
  },
  'nothing listens there: are host and port in {} right, and does the receiver run?': {
    de: 'dort antwortet nichts: stimmen Rechner und Port in {}, und läuft der Empfänger?',
    it: 'lì non ascolta nulla: host e porta in {} sono giusti, e il ricevitore è attivo?',
  },
  'this agent belongs to another tenant of the receiver: its operator must move it (fiskal-edge receiver agent move AGENT_ID)':
    {
      de: 'dieser Agent gehört zu einem anderen Mandanten des Empfängers: der Betreiber muss ihn verschieben (fiskal-edge receiver agent move AGENT_ID)',
      it: 'questo agente appartiene a un altro cliente del ricevitore: il gestore deve spostarlo (fiskal-edge receiver agent move AGENT_ID)',
    },
  'the server is not a receiver: is {} right, with the path of a proxy?': {
    de: 'der Server ist kein Empfänger: stimmt {}, mit dem Pfad eines Proxys?',
    it: 'il server non è un ricevitore: {} è giusto, con il percorso di un proxy?',
  },
  'save that file again, the token alone on its first line': {
    de: 'diese Datei neu speichern, nur das Token in der ersten Zeile',
    it: 'salvare di nuovo quel file, solo il token nella prima riga',
  },
  'put the certificate of the authority that the target is of into that file (PEM)': {
    de: 'das Zertifikat der Stelle des Ziels in diese Datei legen (PEM)',
    it: 'mettere in quel file il certificato dell’autorità della destinazione (PEM)',
  },
  'if its operator replaced the key, put the new one into "spkiSha256"': {
    de: 'hat der Betreiber den Schlüssel ersetzt, den neuen in „spkiSha256“ eintragen',
    it: 'se il gestore ha sostituito la chiave, mettere la nuova in "spkiSha256"',
  },
  'if not, another machine intercepts the connection': {
    de: 'sonst liest ein anderer Rechner die Verbindung mit',
    it: 'altrimenti un’altra macchina intercetta la connessione',
  },
  'the agent sends them again automatically': {
    de: 'der Agent sendet sie automatisch erneut',
    it: 'l’agente li invia di nuovo automaticamente',
  },
  'if it loses them repeatedly, its operator must check its disk and database': {
    de: 'verliert es sie wiederholt, muss der Betreiber Platte und Datenbank prüfen',
    it: 'se li perde ripetutamente, il gestore deve controllare disco e database',
  },
  'it is up and asks to wait': { de: 'es läuft und bittet zu warten', it: 'è attiva e chiede di attendere' },
  'if that lasts, its log shows its operator why': {
    de: 'dauert das an, zeigt sein Protokoll dem Betreiber, warum',
    it: 'se dura, il log mostra al gestore il perché',
  },
  'the server refuses this agent: is "credsFile" that of its user, and may that one publish there and read the stream?':
    {
      de: 'der Server weist diesen Agenten ab: gehört „credsFile“ zu seinem Benutzer, und darf der dort veröffentlichen und den Stream lesen?',
      it: 'il server rifiuta questo agente: "credsFile" è del suo utente, e questi può pubblicare lì e leggere lo stream?',
    },
  'the server has no such stream: are "stream" and "shards" right? Else its operator must create it': {
    de: 'der Server hat diesen Stream nicht: stimmen „stream“ und „shards“? Sonst muss der Betreiber ihn anlegen',
    it: 'il server non ha quello stream: "stream" e "shards" sono giusti? Altrimenti il gestore deve crearlo',
  },
  'too few of its servers are up, or reach each other': {
    de: 'zu wenige Server laufen oder erreichen einander',
    it: 'troppo pochi server sono attivi o si raggiungono',
  },
  'their operator must check them': { de: 'der Betreiber muss sie prüfen', it: 'il gestore deve controllarli' },
  'the stream has lost messages': { de: 'der Stream hat Nachrichten verloren', it: 'lo stream ha perso messaggi' },
  'the operator of the server must restore them from a backup and forbid deleting any (deny_delete, deny_purge)': {
    de: 'der Betreiber des Servers muss sie aus einer Sicherung zurückholen und das Löschen verbieten (deny_delete, deny_purge)',
    it: 'il gestore del server deve ripristinarli da una copia e vietarne l’eliminazione (deny_delete, deny_purge)',
  },
  'the stream is full': { de: 'der Stream ist voll', it: 'lo stream è pieno' },
  'the operator of the server must give it more space': {
    de: 'der Betreiber des Servers muss ihm mehr Platz geben',
    it: 'il gestore del server deve dargli più spazio',
  },
  'the operator of the server must make the stream keep everything: in files, no age, no discarding': {
    de: 'der Betreiber des Servers muss den Stream alles aufbewahren lassen: in Dateien, ohne Frist, ohne Verwerfen',
    it: 'il gestore del server deve far conservare tutto allo stream: su file, senza scadenza, senza scarti',
  },
  'the server has no JetStream for this agent': {
    de: 'der Server hat für diesen Agenten kein JetStream',
    it: 'il server non ha JetStream per questo agente',
  },
  'its operator must enable it': { de: 'der Betreiber muss es einschalten', it: 'il gestore deve attivarlo' },
  'the disk takes no writing': { de: 'die Platte lässt sich nicht beschreiben', it: 'il disco non accetta scritture' },
  'look at its switch, or how it is mounted': {
    de: 'ihren Schalter prüfen, oder wie sie eingehängt ist',
    it: 'guardare il suo interruttore o come è montato',
  },
  'the disk fails': { de: 'die Platte ist defekt', it: 'il disco è guasto' },
  'replace it': { de: 'ersetzen', it: 'sostituirlo' },
  'the new one then gets everything': { de: 'die neue bekommt dann alles', it: 'quello nuovo riceve poi tutto' },
  'it fails': { de: 'es scheitert', it: 'non funziona' },
  'its log shows its operator why': {
    de: 'sein Protokoll zeigt dem Betreiber, warum',
    it: 'il log mostra al gestore il perché',
  },
}
