// Compiled once, ahead of the sources: nearly every one of them includes these,
// and reading them again each time would be most of the work.
#include "Channel/ChannelSocket.hpp"
#include "RTC/Transport.hpp"
#include "Settings.hpp"
