<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>ErrorText</name>
    <message>
        <source>No answer came in time. Try again.</source>
        <translation>No answer came in time. Try again.</translation>
    </message>
    <message>
        <source>No network. Check the connection, then try again.</source>
        <translation>No network. Check the connection, then try again.</translation>
    </message>
    <message>
        <source>The sign-in has ended. Sign in again.</source>
        <translation>The sign-in has ended. Sign in again.</translation>
    </message>
    <message>
        <source>Too many requests for now. Try again in a few minutes.</source>
        <translation>Too many requests for now. Try again in a few minutes.</translation>
    </message>
    <message>
        <source>The content has an unknown form. Details say where.</source>
        <translation>The content has an unknown form. Details say where.</translation>
    </message>
    <message>
        <source>Kiro refused, or its answer makes no sense. Try again later; details help to report it.</source>
        <translation>Kiro refused, or its answer makes no sense. Try again later; details help to report it.</translation>
    </message>
    <message>
        <source>A file or the keychain cannot be read or written. Check free space and permissions.</source>
        <translation>A file or the keychain cannot be read or written. Check free space and permissions.</translation>
    </message>
</context>
<context>
    <name>StatusText</name>
    <message>
        <source>Stopped</source>
        <translation>Stopped</translation>
    </message>
    <message>
        <source>Starting</source>
        <translation>Starting</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>Running</translation>
    </message>
    <message>
        <source>Stopping</source>
        <translation>Stopping</translation>
    </message>
    <message>
        <source>Stopped by an error</source>
        <translation>Stopped by an error</translation>
    </message>
    <message numerus="yes">
        <source>%n request(s)</source>
        <translation>
            <numerusform>%n request</numerusform>
            <numerusform>%n requests</numerusform>
        </translation>
    </message>
    <message>
        <source>less than a minute</source>
        <translation>less than a minute</translation>
    </message>
    <message>
        <source>%1 min</source>
        <translation>%1 min</translation>
    </message>
    <message>
        <source>%1 h %2 min</source>
        <translation>%1 h %2 min</translation>
    </message>
    <message>
        <source>%1 d %2 h</source>
        <translation>%1 d %2 h</translation>
    </message>
    <message>
        <source>The proxy could not start</source>
        <translation>The proxy could not start</translation>
    </message>
    <message>
        <source>No usable account</source>
        <translation>No usable account</translation>
    </message>
    <message>
        <source>Requests cannot be answered</source>
        <translation>Requests cannot be answered</translation>
    </message>
    <message>
        <source>Every request is refused until an account can be used. Import one, or sign in again where it came from.</source>
        <translation>Every request is refused until an account can be used. Import one, or sign in again where it came from.</translation>
    </message>
    <message>
        <source>Requests are refused for now. Details name the cause.</source>
        <translation>Requests are refused for now. Details name the cause.</translation>
    </message>
    <message>
        <source>The port is taken</source>
        <translation>The port is taken</translation>
    </message>
    <message>
        <source>The address cannot be used</source>
        <translation>The address cannot be used</translation>
    </message>
    <message>
        <source>The keychain cannot be opened</source>
        <translation>The keychain cannot be opened</translation>
    </message>
    <message>
        <source>A key is required</source>
        <translation>A key is required</translation>
    </message>
    <message>
        <source>Another program listens there; details name it. Apps get no answer until the proxy runs.</source>
        <translation>Another program listens there; details name it. Apps get no answer until the proxy runs.</translation>
    </message>
    <message>
        <source>This computer does not have it, or programs may not use it. Apps get no answer until the proxy runs.</source>
        <translation>This computer does not have it, or programs may not use it. Apps get no answer until the proxy runs.</translation>
    </message>
    <message>
        <source>It holds the key of the proxy. Unlock it, then try again.</source>
        <translation>It holds the key of the proxy. Unlock it, then try again.</translation>
    </message>
    <message>
        <source>Without one, any device on the network could use your accounts. Ask for a key, or listen on this computer only.</source>
        <translation>Without one, any device on the network could use your accounts. Ask for a key, or listen on this computer only.</translation>
    </message>
    <message>
        <source>Apps get no answer until it runs. Details name the cause.</source>
        <translation>Apps get no answer until it runs. Details name the cause.</translation>
    </message>
</context>
<context>
    <name>kirotray::AccountsCard</name>
    <message>
        <source>Import account files</source>
        <translation>Import account files</translation>
    </message>
    <message>
        <source>Account files (*.json)</source>
        <translation>Account files (*.json)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>All files (*)</translation>
    </message>
    <message>
        <source>Accounts</source>
        <translation>Accounts</translation>
    </message>
    <message>
        <source>%1, %2 of them usable</source>
        <translation>%1, %2 of them usable</translation>
    </message>
    <message>
        <source>Import account file…</source>
        <translation>Import account file…</translation>
    </message>
    <message>
        <source>No accounts yet</source>
        <translation>No accounts yet</translation>
    </message>
    <message>
        <source>Import the account file that Kiro or another tool has saved. The file itself is not changed.</source>
        <translation>Import the account file that Kiro or another tool has saved. The file itself is not changed.</translation>
    </message>
    <message numerus="yes">
        <source>and %n more file(s)</source>
        <translation>
            <numerusform>and %n more file</numerusform>
            <numerusform>and %n more files</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 added, %2 updated</source>
        <translation>%1 added, %2 updated</translation>
    </message>
    <message>
        <source>Not an account file that KiroTray knows. Nothing was taken from it.</source>
        <translation>Not an account file that KiroTray knows. Nothing was taken from it.</translation>
    </message>
    <message>
        <source>No account in it</source>
        <translation>No account in it</translation>
    </message>
</context>
<context>
    <name>kirotray::CopyField</name>
    <message>
        <source>Hide key</source>
        <translation>Hide key</translation>
    </message>
    <message>
        <source>Show key</source>
        <translation>Show key</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>Copied</translation>
    </message>
</context>
<context>
    <name>kirotray::FiguresCard</name>
    <message>
        <source>Right now</source>
        <translation>Right now</translation>
    </message>
    <message>
        <source>Requests since start</source>
        <translation>Requests since start</translation>
    </message>
    <message>
        <source>Of which failed</source>
        <translation>Of which failed</translation>
    </message>
</context>
<context>
    <name>kirotray::InlineNotice</name>
    <message>
        <source>Hide details</source>
        <translation>Hide details</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>Details</translation>
    </message>
    <message>
        <source>Copy details</source>
        <translation>Copy details</translation>
    </message>
</context>
<context>
    <name>kirotray::NoticeStack</name>
    <message>
        <source>Try again</source>
        <translation>Try again</translation>
    </message>
    <message>
        <source>Import account file…</source>
        <translation>Import account file…</translation>
    </message>
    <message numerus="yes">
        <source>%n answer(s) still arriving</source>
        <translation>
            <numerusform>%n answer still arriving</numerusform>
            <numerusform>%n answers still arriving</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>KiroTray quits when they are through, after %n second(s) at the latest.</source>
        <translation>
            <numerusform>KiroTray quits when they are through, after %n second at the latest.</numerusform>
            <numerusform>KiroTray quits when they are through, after %n seconds at the latest.</numerusform>
        </translation>
    </message>
    <message>
        <source>Quit now</source>
        <translation>Quit now</translation>
    </message>
    <message>
        <source>The system keychain has not answered yet</source>
        <translation>The system keychain has not answered yet</translation>
    </message>
    <message>
        <source>It may be asking for your permission in another window. Accounts can be used as soon as it answers.</source>
        <translation>It may be asking for your permission in another window. Accounts can be used as soon as it answers.</translation>
    </message>
    <message numerus="yes">
        <source>Started with %n warning(s)</source>
        <translation>
            <numerusform>Started with %n warning</numerusform>
            <numerusform>Started with %n warnings</numerusform>
        </translation>
    </message>
    <message>
        <source>KiroTray works all the same. Details say what is different.</source>
        <translation>KiroTray works all the same. Details say what is different.</translation>
    </message>
    <message>
        <source>Ignore</source>
        <translation>Ignore</translation>
    </message>
    <message>
        <source>No tray found on this desktop</source>
        <translation>No tray found on this desktop</translation>
    </message>
    <message>
        <source>Closing the window minimises it. The proxy goes on until you quit with Ctrl+Q.</source>
        <translation>Closing the window minimises it. The proxy goes on until you quit with Ctrl+Q.</translation>
    </message>
    <message>
        <source>OK</source>
        <translation>OK</translation>
    </message>
</context>
<context>
    <name>kirotray::Program</name>
    <message>
        <source>KiroTray is running already and does not answer. End it, then start again.</source>
        <translation>KiroTray is running already and does not answer. End it, then start again.</translation>
    </message>
    <message>
        <source>KiroTray cannot start</source>
        <translation>KiroTray cannot start</translation>
    </message>
</context>
<context>
    <name>kirotray::StatusWindow</name>
    <message>
        <source>Proxy is running</source>
        <translation>Proxy is running</translation>
    </message>
    <message>
        <source>Proxy is stopped</source>
        <translation>Proxy is stopped</translation>
    </message>
    <message>
        <source>this computer only</source>
        <translation>this computer only</translation>
    </message>
    <message>
        <source>other devices on this network can connect</source>
        <translation>other devices on this network can connect</translation>
    </message>
    <message>
        <source>Apps get no answer</source>
        <translation>Apps get no answer</translation>
    </message>
    <message>
        <source>Up %1</source>
        <translation>Up %1</translation>
    </message>
    <message numerus="yes">
        <source>%n answer(s) still arriving</source>
        <translation>
            <numerusform>%n answer still arriving</numerusform>
            <numerusform>%n answers still arriving</numerusform>
        </translation>
    </message>
    <message>
        <source>The proxy has no address while it is off</source>
        <translation>The proxy has no address while it is off</translation>
    </message>
    <message>
        <source>Proxy</source>
        <translation>Proxy</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>Address</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>Key</translation>
    </message>
    <message>
        <source>Copy address</source>
        <translation>Copy address</translation>
    </message>
    <message>
        <source>Copy key</source>
        <translation>Copy key</translation>
    </message>
    <message>
        <source>Copy as…</source>
        <translation>Copy as…</translation>
    </message>
    <message>
        <source>Claude Code, bash or zsh</source>
        <translation>Claude Code, bash or zsh</translation>
    </message>
    <message>
        <source>Claude Code, PowerShell</source>
        <translation>Claude Code, PowerShell</translation>
    </message>
    <message>
        <source>curl, to try it</source>
        <translation>curl, to try it</translation>
    </message>
    <message>
        <source>For your own accounts only. Not affiliated with Kiro or AWS; their terms apply.</source>
        <translation>For your own accounts only. Not affiliated with Kiro or AWS; their terms apply.</translation>
    </message>
</context>
<context>
    <name>kirotray::TrayIcon</name>
    <message numerus="yes">
        <source>%n usable account(s)</source>
        <translation>
            <numerusform>%n usable account</numerusform>
            <numerusform>%n usable accounts</numerusform>
        </translation>
    </message>
    <message>
        <source>Open KiroTray</source>
        <translation>Open KiroTray</translation>
    </message>
    <message>
        <source>Copy address</source>
        <translation>Copy address</translation>
    </message>
    <message>
        <source>Copy key</source>
        <translation>Copy key</translation>
    </message>
    <message>
        <source>Stop the proxy</source>
        <translation>Stop the proxy</translation>
    </message>
    <message>
        <source>Start the proxy</source>
        <translation>Start the proxy</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Quit</translation>
    </message>
</context>
</TS>
