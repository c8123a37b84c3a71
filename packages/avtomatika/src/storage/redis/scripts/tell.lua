-- See Storage.tell.
-- uses call

begin(false)
call('SPUBLISH', input.channel, body(input.message))
return answer({})
