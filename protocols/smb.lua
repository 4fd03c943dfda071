-- Server Message Block 1 as far as a session is set up, [MS-CIFS]: the header, section 2.2.3.1,
-- SMB_COM_NEGOTIATE, sections 2.2.4.52 and [MS-SMB] 2.2.4.5, SMB_COM_SESSION_SETUP_ANDX with the
-- SMB_COM_TREE_CONNECT_ANDX behind it, sections 2.2.4.53 and 2.2.4.55; and the mailslots that domain
-- controllers are looked for with: SMB_COM_TRANSACTION, section 2.2.4.33, the mailslot's words,
-- [MS-MAIL] section 2.2.1, and the answers to a logon, [MS-ADTS] section 6.3.1 and [MS-NRPC] section
-- 2.2.1.2. Numbers are least significant byte first; texts are those of one byte a character.
--
--    0       4     5           6     7         9     10     12      14        22      24  26  28  30
--   +-------+-----+-----------+-----+---------+-----+------+-------+---------+-------+---+---+---+---+
--   | Start | Com | ErrorClass| Res | Err.code|Flags|Flags2|PIDHigh|Signature| Unused|TID|PID|UID|MID|
--   +-------+-----+-----------+-----+---------+-----+------+-------+---------+-------+---+---+---+---+

local f = require "luapkt.field"

local HEADER = 32 -- bytes before WordCount

-- A text with the zero behind it.
local function text(id, default)
  return f.bytes(id, { ends = 0, default = default })
end

-- The fields of the header, and others behind them. Some have Error_code, others Error_Code.
local function message(opts, fields)
  local head = {
    f.bytes("Start", { size = 4, default = "\xffSMB" }),
    f.u8("Command", { default = opts.command, names = { [opts.command] = opts.name } }),
    f.u8("Error_Class"),
    f.u8("Reserved"),
    f.le16(opts.error_code or "Error_Code"),
    f.u8("Flags", { default = opts.flags }),
    f.le16("Flags2", { default = opts.flags2 }),
    f.le16("PIDHigh"),
    f.le64("Signature"),
    f.le16("Unused"),
    f.le16("TID"),
    f.le16("PID", { default = 1 }),
    f.le16("UID"),
    f.le16("MID", { default = 2 }),
    f.u8("WordCount", { default = opts.words }),
  }
  return table.move(fields, 1, #fields, #head + 1, head)
end

-- The 32 bits of capabilities, section 2.2.4.52.2; the fields between them have numbers.
local function capabilities(first, default, extended)
  return f.le16("ServerCapabilities", { default = default }),
         f.bits("UnixExtensions", 1),
         f.bits("Reserved" .. first, 7),
         f.bits("ExtendedSecurity", 1, { default = extended }),
         f.flags("CompBulk", 2, "CB"),
         f.bits("Reserved" .. first + 1, 5)
end

-- A negotiated dialect: the words of the response.
local function negotiated(extended, key_length, fields)
  local words = {
    f.le16("DialectIndex", { default = 7 }),
    f.u8("SecurityMode", { default = 3 }),
    f.le16("MaxMpxCount", { default = 50 }),
    f.le16("MaxNumberVC", { default = 1 }),
    f.le32("MaxBufferSize", { default = 16144 }),
    f.le32("MaxRawSize", { default = 65536 }),
    f.le32("SessionKey"),
  }
  for _, field in ipairs { capabilities(2, 0xf3f9, extended) } do words[#words + 1] = field end
  words[#words + 1] = f.le32("ServerTimeHigh", { default = 0xd6228000 })
  words[#words + 1] = f.le32("ServerTimeLow", { default = 0x01c4ef94 })
  words[#words + 1] = f.le16("ServerTimeZone", { default = 60 })
  words[#words + 1] = key_length
  return message({ command = 0x72, name = "SMB_COM_NEGOTIATE", flags = 0x98, words = 17 },
                 table.move(fields, 1, #fields, #words + 1, words))
end

-- What follows in the same message, section 2.2.3.4, and where it begins.
local function and_x(suffix, reserved, command, name, offset)
  return f.u8("AndXCommand" .. suffix, { default = command, names = { [command] = name } }),
         f.u8(reserved),
         f.le16("AndXOffset" .. suffix, { auto = offset })
end

local function session_setup(words, fields)
  local opts = { command = 0x73, name = "SMB_COM_SESSION_SETUP_ANDX", words = words }
  opts.flags, opts.flags2 = words == 3 and 0x90 or 0x10, 0x1001
  return message(opts, fields)
end

local setup_bytes = f.size "ANSIPassword" + f.size "Account" + f.size "PrimaryDomain"
  + f.size "NativeOS" + f.size "NativeLanManager"
local answer_bytes = f.size "NativeOS" + f.size "NativeLanManager" + f.size "PrimaryDomain"

local request_2_first, request_2_reserved, request_2_offset =
  and_x("2", "Reserved6", 0xff, "SMB_COM_NONE", f.header())
local answer_2_first, answer_2_reserved, answer_2_offset =
  and_x("2", "Reserved3", 0xff, "SMB_COM_NONE", f.header())
local request_first, request_reserved, request_offset = and_x(
  "", "Reserved2", 0x75, "SMB_COM_TREE_CONNECT_ANDX",
  HEADER + 3 + f.ref "WordCount" * 2 + setup_bytes)
local answer_first, answer_reserved, answer_offset = and_x(
  "", "Reserved2", 0x75, "SMB_COM_TREE_CONNECT_ANDX",
  HEADER + 3 + f.ref "WordCount" * 2 + answer_bytes)
local request_capabilities = { capabilities(4, 0, 0) }

local sam_commands = { [0x12] = "SAM logon request", [0x17] = "SAM Active directory Response" }

return {
  {
    id     = "SMBNetlogon_Protocol_Response_Header",
    title  = "SMBNetlogon Protocol Response Header",
    over   = { NBTDatagram = { { when = f.peek(0, 32):eq(0xff534d42), listed = false } } },
    next   = { { id = "SMBMailSlot" } },
    fields = message({
      command = 0x25, name = "Trans", error_code = "Error_code", words = 17,
    }, {
      f.le16("TotalParamCount"),
      f.le16("TotalDataCount"),
      f.le16("MaxParamCount"),
      f.le16("MaxDataCount"),
      f.u8("MaxSetupCount"),
      f.u8("unused2"),
      f.le16("Flags3"),
      f.le16("TimeOut1"),
      f.le16("TimeOut2"),
      f.u8("unused3"),
      f.u8("unused4"),
      f.le16("ParamCount2"),
      f.le16("ParamOffset"),
      f.le16("DataCount"),
      f.le16("DataOffset"),
      f.u8("SetupCount", { default = 3 }),
      f.u8("unused5"),
    }),
  },
  {
    id     = "SMBMailSlot",
    hidden = true,
    next   = {
      { when = f.peek(0, 8):one_of(0x12, 0x17), id = "SMBNetlogon_Protocol_Response_Tail_SAM" },
      { when = f.peek(0, 8):eq(6), id = "SMBNetlogon_Protocol_Response_Tail_LM20" },
    },
    fields = {
      f.le16("opcode", { default = 1 }),
      f.le16("priority", { default = 1 }),
      f.le16("class", { default = 2 }),
      f.le16("size", { default = 135 }),
      f.bytes("name", { ends = 0, default = "SMB Mail Slot Protocol",
                        printed = "'SMB Mail Slot Protocol'" }),
    },
  },
  {
    -- A name is a row of labels, each behind its length, and in the end a pointer, RFC 1035 section
    -- 4.1.4: some of the numbers here are such lengths, and others pointers.
    id     = "SMBNetlogon_Protocol_Response_Tail_SAM",
    title  = "SMB Netlogon Protocol Response Tail SAM",
    fields = {
      f.u8("Command", { default = 0x17, names = sam_commands }),
      f.u8("unused"),
      f.u16("Data1"),
      f.u16("Data2", { default = 0xfd01 }),
      f.u16("Data3"),
      f.u16("Data4", { default = 0xacde }),
      f.u16("Data5", { default = 0x0fe5 }),
      f.u16("Data6", { default = 0xd10a }),
      f.u16("Data7", { default = 0x374c }),
      f.u16("Data8", { default = 0x83e2 }),
      f.u16("Data9", { default = 0x7dd9 }),
      f.u16("Data10", { default = 0x3a16 }),
      f.u16("Data11", { default = 0x73ff }),
      f.u8("Data12", { default = 4 }),
      f.bytes("Data13", { default = "rmff", size = f.ref "Data12" }),
      f.u8("Data14"),
      f.u16("Data16", { default = 0xc018 }),
      f.u8("Data18", { default = 10 }),
      f.bytes("Data20", { default = "rmff-win2k", size = f.ref "Data18" }),
      f.u8("Data21", { default = 0xc0 }),
      f.u16("Data22", { default = 0x18c0 }),
      f.u16("Data23", { default = 0x180a }),
      f.bytes("Data24", { default = "RMFF-WIN2K", size = f.ref "Data23" & 0xff }),
      f.u16("Data25"),
      f.u8("Data26", { default = 23 }),
      f.bytes("Data27", { default = "Default-First-Site-Name", size = f.ref "Data26" }),
      f.u16("Data28", { default = 0x00c0 }),
      f.u16("Data29", { default = 0x3c10 }),
      f.u16("Data30", { default = 0x00c0 }),
      f.u16("Data31", { default = 0x0200 }),
      f.u16("Data32"),
      f.u16("Data33", { default = 0xac14 }),
      f.u16("Data34", { default = 0x0064 }),
      f.u16("Data35"),
      f.u16("Data36"),
      f.u16("Data37"),
      f.u16("Data38"),
      f.u16("Data39", { default = 0x0d00 }),
      f.u16("Data40"),
      f.u16("Data41", { default = 0xffff }),
    },
  },
  {
    id     = "SMBNetlogon_Protocol_Response_Tail_LM20",
    title  = "SMB Netlogon Protocol Response Tail LM20",
    fields = {
      f.u8("Command", { default = 6, names = { [6] = "LM 2.0 Response to logon request" } }),
      f.u8("unused"),
      f.bytes("DblSlash", { size = 2, default = "\\\\" }),
      text("ServerName", "WIN"),
      f.le16("LM20Token", { default = 0xffff }),
    },
  },
  {
    id     = "SMBNegociate_Protocol_Request_Header",
    title  = "SMBNegociate Protocol Request Header",
    over   = { NBTSession = {} },
    next   = { { when = f.ref("Command"):eq(0x72), id = "SMBNegociate_Protocol_Request_Tail" } },
    fields = message({
      command = 0x72, name = "SMB_COM_NEGOTIATE", error_code = "Error_code", flags = 0x18,
    }, {
      f.le16("ByteCount", { default = 12 }),
    }),
  },
  {
    id     = "SMBNegociate_Protocol_Request_Tail",
    title  = "SMB Negotiate Protocol Request Tail",
    next   = { { when = f.peek(0, 8):eq(2), id = "SMBNegociate_Protocol_Request_Tail" } },
    fields = {
      f.u8("BufferFormat", { default = 2 }),
      text("BufferData", "NT LM 0.12"),
    },
  },
  {
    id     = "SMBNegociate_Protocol_Response_Advanced_Security",
    title  = "SMBNegociate Protocol Response Advanced Security",
    payloads = {},
    fields = negotiated(1, f.u8("EncryptionKeyLength"), {
      f.le16("ByteCount", { auto = f.size "GUID" + f.size "SecurityBlob" }),
      f.bytes("GUID", { size = 16 }),
      f.bytes("SecurityBlob", { size = (f.ref "ByteCount" - 16):max(0) }),
    }),
  },
  {
    id     = "SMBNegociate_Protocol_Response_No_Security",
    title  = "SMBNegociate Protocol Response No Security",
    fields = negotiated(0, f.u8("EncryptionKeyLength", { auto = f.size "EncryptionKey" }), {
      f.le16("ByteCount", {
        auto = f.size "EncryptionKey" + f.size "DomainName" + f.size "ServerName",
      }),
      f.bytes("EncryptionKey", {
        default = "\0\0\0\0\0\0\0\0", size = f.ref "EncryptionKeyLength",
      }),
      text("DomainName", "WORKGROUP"),
      text("ServerName", "RMFF1"),
    }),
  },
  {
    id     = "SMBNegociate_Protocol_Response_No_Security_No_Key",
    hidden = true,
    fields = negotiated(0, f.u8("EncryptionKeyLength"), {
      f.le16("ByteCount", { auto = f.size "DomainName" + f.size "ServerName" }),
      text("DomainName", "WORKGROUP"),
      text("ServerName", "RMFF1"),
    }),
  },
  {
    id     = "SMBSession_Setup_AndX_Request",
    title  = "Session Setup AndX Request",
    fields = session_setup(13, {
      request_first,
      request_reserved,
      request_offset,
      f.le16("MaxBufferS", { default = 2920 }),
      f.le16("MaxMPXCount", { default = 50 }),
      f.le16("VCNumber"),
      f.le32("SessionKey"),
      f.le16("ANSIPasswordLength", { auto = f.size "ANSIPassword" }),
      f.le16("UnicodePasswordLength"),
      f.le32("Reserved3"),
      request_capabilities[1],
      request_capabilities[2],
      request_capabilities[3],
      request_capabilities[4],
      request_capabilities[5],
      request_capabilities[6],
      f.le16("ByteCount", { auto = setup_bytes }),
      f.bytes("ANSIPassword", { size = f.ref "ANSIPasswordLength" }),
      text "Account",
      text("PrimaryDomain", "WORKGROUP"),
      text "NativeOS",
      text "NativeLanManager",
      f.u8("WordCount2", { default = 4 }),
      request_2_first,
      request_2_reserved,
      request_2_offset,
      f.le16 "Flags3",
      f.le16("PasswordLength", { auto = f.size "Password" }),
      f.le16("ByteCount2", { auto = f.size "Password" + f.size "Path" + f.size "Service" }),
      f.bytes("Password", { size = f.ref "PasswordLength" }),
      text "Path",
      text("Service", "IPC"),
    }),
  },
  {
    id     = "SMBSession_Setup_AndX_Response",
    title  = "Session Setup AndX Response",
    fields = session_setup(3, {
      answer_first,
      answer_reserved,
      answer_offset,
      f.le16("Action"),
      f.le16("ByteCount", { auto = answer_bytes }),
      text("NativeOS", "Windows 4.0"),
      text("NativeLanManager", "Windows 4.0"),
      text "PrimaryDomain",
      f.u8("WordCount2", { default = 3 }),
      answer_2_first,
      answer_2_reserved,
      answer_2_offset,
      f.le16("OptionalSupport", { default = 1 }),
      f.le16("ByteCount2", { auto = f.size "Service" + f.size "NativeFileSystem" }),
      text("Service", "IPC"),
      text "NativeFileSystem",
    }),
  },
}
