--- Status codes of Channel Access: what a server says of a request.
-- Names, severities and descriptions are those of the Channel Access Protocol Specification,
-- section 13 "Return Codes"; the last one, and which codes only old servers send, those of caerr.h
-- in EPICS Base.
-- @module luapkt.channel_access_status

local status = {}

local WARNING, SUCCESS, ERROR, INFO, FATAL = 0, 1, 2, 3, 6
local DEFUNCT = true

--- The names of severities; FATAL is ERROR and SEVERE.
status.severities = {
  [0] = "WARNING", "SUCCESS", "ERROR", "INFO", "SEVERE", [6] = "FATAL",
}

-- By number, from 0 on: name, severity, description, and whether no new server sends it.
local codes = { [0] =
  { "NORMAL", SUCCESS, "Normal successful completion" },
  { "MAXIOC", ERROR, "Maximum simultaneous IOC connections exceeded", DEFUNCT },
  { "UKNHOST", ERROR, "Unknown internet host", DEFUNCT },
  { "UKNSERV", ERROR, "Unknown internet service", DEFUNCT },
  { "SOCK", ERROR, "Unable to allocate a new socket", DEFUNCT },
  { "CONN", WARNING, "Unable to connect to internet host or service", DEFUNCT },
  { "ALLOCMEM", WARNING, "Unable to allocate additional dynamic memory" },
  { "UKNCHAN", WARNING, "Unknown IO channel", DEFUNCT },
  { "UKNFIELD", WARNING, "Record field specified inappropriate for channel specified", DEFUNCT },
  { "TOLARGE", WARNING,
    "The requested data transfer is greater than available memory or EPICS_CA_MAX_ARRAY_BYTES" },
  { "TIMEOUT", WARNING, "User specified timeout on IO operation expired" },
  { "NOSUPPORT", WARNING, "Sorry, that feature is planned but not supported at this time",
    DEFUNCT },
  { "STRTOBIG", WARNING, "The supplied string is unusually large", DEFUNCT },
  { "DISCONNCHID", ERROR, "The request was ignored because the specified channel is disconnected",
    DEFUNCT },
  { "BADTYPE", ERROR, "The data type specifed is invalid" },
  { "CHIDNOTFND", INFO, "Remote Channel not found", DEFUNCT },
  { "CHIDRETRY", INFO, "Unable to locate all user specified channels", DEFUNCT },
  { "INTERNAL", FATAL, "Channel Access Internal Failure" },
  { "DBLCLFAIL", WARNING, "The requested local DB operation failed", DEFUNCT },
  { "GETFAIL", WARNING, "Channel read request failed" },
  { "PUTFAIL", WARNING, "Channel write request failed" },
  { "ADDFAIL", WARNING, "Channel subscription request failed", DEFUNCT },
  { "BADCOUNT", WARNING, "Invalid element count requested" },
  { "BADSTR", ERROR, "Invalid string" },
  { "DISCONN", WARNING, "Virtual circuit disconnect" },
  { "DBLCHNL", WARNING, "Identical process variable name on multiple servers" },
  { "EVDISALLOW", ERROR, "Request inappropriate within subscription (monitor) update callback" },
  { "BUILDGET", WARNING, "Database value get for that channel failed during channel search",
    DEFUNCT },
  { "NEEDSFP", WARNING, "Unable to initialize without the vxWorks VX_FP_TASK task option set",
    DEFUNCT },
  { "OVEVFAIL", WARNING, "Event queue overflow has prevented first pass event after event add",
    DEFUNCT },
  { "BADMONID", ERROR, "Bad event subscription (monitor) identifier" },
  { "NEWADDR", WARNING, "Remote channel has new network address", DEFUNCT },
  { "NEWCONN", INFO, "New or resumed network connection", DEFUNCT },
  { "NOCACTX", WARNING, "Specified task isnt a member of a CA context", DEFUNCT },
  { "DEFUNCT", FATAL, "Attempt to use defunct CA feature failed", DEFUNCT },
  { "EMPTYSTR", WARNING, "The supplied string is empty", DEFUNCT },
  { "NOREPEATER", WARNING, "Unable to spawn the CA repeater thread- auto reconnect will fail",
    DEFUNCT },
  { "NOCHANMSG", WARNING, "No channel id match for search reply- search reply ignored", DEFUNCT },
  { "DLCKREST", WARNING, "Reseting dead connection- will try to reconnect", DEFUNCT },
  { "SERVBEHIND", WARNING, "Server (IOC) has fallen behind or is not responding- still waiting",
    DEFUNCT },
  { "NOCAST", WARNING, "No internet interface with broadcast available", DEFUNCT },
  { "BADMASK", ERROR, "Invalid event selection mask" },
  { "IODONE", INFO, "IO operations have completed" },
  { "IOINPROGRESS", INFO, "IO operations are in progress" },
  { "BADSYNCGRP", ERROR, "Invalid synchronous group identifier" },
  { "PUTCBINPROG", ERROR, "Put callback timed out" },
  { "NORDACCESS", WARNING, "Read access denied" },
  { "NOWTACCESS", WARNING, "Write access denied" },
  { "ANACHRONISM", ERROR, "Requested feature is no longer supported" },
  { "NOSEARCHADDR", WARNING, "Empty PV search address list" },
  { "NOCONVERT", WARNING, "No reasonable data conversion between client and server types" },
  { "BADCHID", ERROR, "Invalid channel identifier" },
  { "BADFUNCPTR", ERROR, "Invalid function pointer" },
  { "ISATTACHED", WARNING, "Thread is already attached to a client context" },
  { "UNAVAILINSERV", WARNING, "Not supported by attached service" },
  { "CHANDESTROY", WARNING, "User destroyed channel" },
  { "BADPRIORITY", ERROR, "Invalid channel priority" },
  { "NOTTHREADED", ERROR,
    "Preemptive callback not enabled - additional threads may not join context" },
  { "16KARRAYCLIENT", WARNING,
    "Client's protocol revision does not support transfers exceeding 16k bytes" },
  { "CONNSEQTMO", WARNING, "Virtual circuit connection sequence aborted" },
  { "UNRESPTMO", WARNING, "Virtual circuit unresponsive" },
}

--- The codes by what is sent, a number and a severity in the three lowest bits: each is
-- `{ name, number, severity, description, defunct }`, all of them but the booleans text or numbers.
-- @field by_value
-- The names alone: what a field's `names` is.
-- @field names
status.by_value, status.names = {}, {}

for number = 0, #codes do
  local name, severity, description, defunct = table.unpack(codes[number])
  local value = number << 3 | severity
  status.names[value] = "ECA_" .. name
  status.by_value[value] = {
    name = "ECA_" .. name, number = number, severity = severity, description = description,
    defunct = defunct == DEFUNCT,
  }
end

return status
