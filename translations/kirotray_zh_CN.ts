<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>ErrorText</name>
    <message>
        <source>No answer came in time. Try again.</source>
        <translation>等待超时，可以再试一次。</translation>
    </message>
    <message>
        <source>No network. Check the connection, then try again.</source>
        <translation>连不上网络，检查连接后再试一次。</translation>
    </message>
    <message>
        <source>The sign-in has ended. Sign in again.</source>
        <translation>登录已失效，需要重新登录。</translation>
    </message>
    <message>
        <source>Too many requests for now. Try again in a few minutes.</source>
        <translation>请求太频繁，过几分钟再试。</translation>
    </message>
    <message>
        <source>The content has an unknown form. Details say where.</source>
        <translation>内容的格式不对，详情里有具体位置。</translation>
    </message>
    <message>
        <source>Kiro refused, or its answer makes no sense. Try again later; details help to report it.</source>
        <translation>Kiro 拒绝了请求，或回答无法识别。可以稍后再试，反馈时请附上详情。</translation>
    </message>
    <message>
        <source>A file or the keychain cannot be read or written. Check free space and permissions.</source>
        <translation>文件或钥匙串无法读写，检查磁盘空间和权限。</translation>
    </message>
</context>
<context>
    <name>StatusText</name>
    <message>
        <source>Stopped</source>
        <translation>已停止</translation>
    </message>
    <message>
        <source>Starting</source>
        <translation>正在启动</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>运行中</translation>
    </message>
    <message>
        <source>Stopping</source>
        <translation>正在停止</translation>
    </message>
    <message>
        <source>Stopped by an error</source>
        <translation>出错停止</translation>
    </message>
    <message numerus="yes">
        <source>%n request(s)</source>
        <translation>
            <numerusform>%n 个请求</numerusform>
        </translation>
    </message>
    <message>
        <source>less than a minute</source>
        <translation>不到 1 分钟</translation>
    </message>
    <message>
        <source>%1 min</source>
        <translation>%1 分钟</translation>
    </message>
    <message>
        <source>%1 h %2 min</source>
        <translation>%1 小时 %2 分</translation>
    </message>
    <message>
        <source>%1 d %2 h</source>
        <translation>%1 天 %2 小时</translation>
    </message>
    <message>
        <source>The proxy could not start</source>
        <translation>代理没能启动</translation>
    </message>
    <message>
        <source>No usable account</source>
        <translation>没有可用的账号</translation>
    </message>
    <message>
        <source>Requests cannot be answered</source>
        <translation>无法答复请求</translation>
    </message>
    <message>
        <source>Every request is refused until an account can be used. Import one, or sign in again where it came from.</source>
        <translation>有账号可用之前，所有请求都会被拒绝。可以导入账号，或在原来的程序里重新登录。</translation>
    </message>
    <message>
        <source>Requests are refused for now. Details name the cause.</source>
        <translation>请求暂时都会被拒绝，原因见详情。</translation>
    </message>
    <message>
        <source>The port is taken</source>
        <translation>端口被占用</translation>
    </message>
    <message>
        <source>The address cannot be used</source>
        <translation>地址无法使用</translation>
    </message>
    <message>
        <source>The keychain cannot be opened</source>
        <translation>无法打开钥匙串</translation>
    </message>
    <message>
        <source>A key is required</source>
        <translation>需要密钥</translation>
    </message>
    <message>
        <source>Another program listens there; details name it. Apps get no answer until the proxy runs.</source>
        <translation>另一个程序正在使用它，名称见详情。代理启动之前，客户端得不到答复。</translation>
    </message>
    <message>
        <source>This computer does not have it, or programs may not use it. Apps get no answer until the proxy runs.</source>
        <translation>这台电脑没有这个地址，或不允许程序使用。代理启动之前，客户端得不到答复。</translation>
    </message>
    <message>
        <source>It holds the key of the proxy. Unlock it, then try again.</source>
        <translation>代理的密钥存在里面，解锁后再试一次。</translation>
    </message>
    <message>
        <source>Without one, any device on the network could use your accounts. Ask for a key, or listen on this computer only.</source>
        <translation>没有密钥，同一网络的任何设备都能使用你的账号。设置密钥，或改为仅限本机。</translation>
    </message>
    <message>
        <source>Apps get no answer until it runs. Details name the cause.</source>
        <translation>启动之前，客户端得不到答复，原因见详情。</translation>
    </message>
</context>
<context>
    <name>kirotray::AccountsCard</name>
    <message>
        <source>Import account files</source>
        <translation>导入账号文件</translation>
    </message>
    <message>
        <source>Account files (*.json)</source>
        <translation>账号文件 (*.json)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>所有文件 (*)</translation>
    </message>
    <message>
        <source>Accounts</source>
        <translation>账号</translation>
    </message>
    <message>
        <source>%1, %2 of them usable</source>
        <translation>%1 个，其中 %2 个可用</translation>
    </message>
    <message>
        <source>Import account file…</source>
        <translation>导入账号文件…</translation>
    </message>
    <message>
        <source>No accounts yet</source>
        <translation>还没有账号</translation>
    </message>
    <message>
        <source>Import the account file that Kiro or another tool has saved. The file itself is not changed.</source>
        <translation>导入 Kiro 或其他工具保存的账号文件即可开始，文件本身不会改动。</translation>
    </message>
    <message numerus="yes">
        <source>and %n more file(s)</source>
        <translation>
            <numerusform>还有 %n 个文件</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 added, %2 updated</source>
        <translation>新增 %1 个，更新 %2 个</translation>
    </message>
    <message>
        <source>Not an account file that KiroTray knows. Nothing was taken from it.</source>
        <translation>不是 KiroTray 认识的账号文件，没有导入任何内容。</translation>
    </message>
    <message>
        <source>No account in it</source>
        <translation>里面没有账号</translation>
    </message>
</context>
<context>
    <name>kirotray::CopyField</name>
    <message>
        <source>Hide key</source>
        <translation>隐藏密钥</translation>
    </message>
    <message>
        <source>Show key</source>
        <translation>显示密钥</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>已复制</translation>
    </message>
</context>
<context>
    <name>kirotray::FiguresCard</name>
    <message>
        <source>Right now</source>
        <translation>进行中</translation>
    </message>
    <message>
        <source>Requests since start</source>
        <translation>启动以来的请求</translation>
    </message>
    <message>
        <source>Of which failed</source>
        <translation>其中失败</translation>
    </message>
</context>
<context>
    <name>kirotray::InlineNotice</name>
    <message>
        <source>Hide details</source>
        <translation>收起详情</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>详情</translation>
    </message>
    <message>
        <source>Copy details</source>
        <translation>复制详情</translation>
    </message>
</context>
<context>
    <name>kirotray::NoticeStack</name>
    <message>
        <source>Try again</source>
        <translation>再试一次</translation>
    </message>
    <message>
        <source>Import account file…</source>
        <translation>导入账号文件…</translation>
    </message>
    <message numerus="yes">
        <source>%n answer(s) still arriving</source>
        <translation>
            <numerusform>还有 %n 个回答没有传完</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>KiroTray quits when they are through, after %n second(s) at the latest.</source>
        <translation>
            <numerusform>传完后自动退出，最多等 %n 秒。</numerusform>
        </translation>
    </message>
    <message>
        <source>Quit now</source>
        <translation>立即退出</translation>
    </message>
    <message>
        <source>The system keychain has not answered yet</source>
        <translation>系统钥匙串还没有回应</translation>
    </message>
    <message>
        <source>It may be asking for your permission in another window. Accounts can be used as soon as it answers.</source>
        <translation>它可能正在另一个窗口里等你允许，回应后账号自动可用。</translation>
    </message>
    <message numerus="yes">
        <source>Started with %n warning(s)</source>
        <translation>
            <numerusform>启动时有 %n 条警告</numerusform>
        </translation>
    </message>
    <message>
        <source>KiroTray works all the same. Details say what is different.</source>
        <translation>KiroTray 仍可使用，详情里有具体说明。</translation>
    </message>
    <message>
        <source>Ignore</source>
        <translation>忽略</translation>
    </message>
    <message>
        <source>No tray found on this desktop</source>
        <translation>这个桌面没有托盘</translation>
    </message>
    <message>
        <source>Closing the window minimises it. The proxy goes on until you quit with Ctrl+Q.</source>
        <translation>关闭窗口只会最小化，代理继续运行，按 Ctrl+Q 退出。</translation>
    </message>
    <message>
        <source>OK</source>
        <translation>知道了</translation>
    </message>
</context>
<context>
    <name>kirotray::Program</name>
    <message>
        <source>KiroTray is running already and does not answer. End it, then start again.</source>
        <translation>KiroTray 已在运行，但没有回应。结束它再重新启动。</translation>
    </message>
    <message>
        <source>KiroTray cannot start</source>
        <translation>KiroTray 无法启动</translation>
    </message>
</context>
<context>
    <name>kirotray::StatusWindow</name>
    <message>
        <source>Proxy is running</source>
        <translation>代理正在运行</translation>
    </message>
    <message>
        <source>Proxy is stopped</source>
        <translation>代理已停止</translation>
    </message>
    <message>
        <source>this computer only</source>
        <translation>仅限本机</translation>
    </message>
    <message>
        <source>other devices on this network can connect</source>
        <translation>同一网络的设备可访问</translation>
    </message>
    <message>
        <source>Apps get no answer</source>
        <translation>客户端得不到答复</translation>
    </message>
    <message>
        <source>Up %1</source>
        <translation>已运行 %1</translation>
    </message>
    <message numerus="yes">
        <source>%n answer(s) still arriving</source>
        <translation>
            <numerusform>还有 %n 个回答没有传完</numerusform>
        </translation>
    </message>
    <message>
        <source>The proxy has no address while it is off</source>
        <translation>代理关闭时没有地址</translation>
    </message>
    <message>
        <source>Proxy</source>
        <translation>代理</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>地址</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>密钥</translation>
    </message>
    <message>
        <source>Copy address</source>
        <translation>复制地址</translation>
    </message>
    <message>
        <source>Copy key</source>
        <translation>复制密钥</translation>
    </message>
    <message>
        <source>Copy as…</source>
        <translation>复制为…</translation>
    </message>
    <message>
        <source>Claude Code, bash or zsh</source>
        <translation>Claude Code（bash 或 zsh）</translation>
    </message>
    <message>
        <source>Claude Code, PowerShell</source>
        <translation>Claude Code（PowerShell）</translation>
    </message>
    <message>
        <source>curl, to try it</source>
        <translation>curl（试一试）</translation>
    </message>
    <message>
        <source>For your own accounts only. Not affiliated with Kiro or AWS; their terms apply.</source>
        <translation>只用于你自己的账号。KiroTray 与 Kiro、AWS 无关，使用须遵守其条款。</translation>
    </message>
</context>
<context>
    <name>kirotray::TrayIcon</name>
    <message numerus="yes">
        <source>%n usable account(s)</source>
        <translation>
            <numerusform>%n 个账号可用</numerusform>
        </translation>
    </message>
    <message>
        <source>Open KiroTray</source>
        <translation>打开 KiroTray</translation>
    </message>
    <message>
        <source>Copy address</source>
        <translation>复制地址</translation>
    </message>
    <message>
        <source>Copy key</source>
        <translation>复制密钥</translation>
    </message>
    <message>
        <source>Stop the proxy</source>
        <translation>停止代理</translation>
    </message>
    <message>
        <source>Start the proxy</source>
        <translation>启动代理</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>退出</translation>
    </message>
</context>
</TS>
