/* SPDX-License-Identifier: BSD-3-Clause */
#include "source.h"

#include <cctype>
#include <ctime>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pktio/filter.h>

#include <zeek/Reporter.h>
#include <zeek/RunState.h>
#include <zeek/iosource/Manager.h>
#include <zeek/iosource/Packet.h>
#include <zeek/zeek-version.h>

namespace plugin::PKTIO_PLUGIN
{

#define NS_PER_SECOND INT64_C(1000000000)
#define NS_PER_US 1000

/* ---- Link types --------------------------------------------------------- */

/*
 * LINKTYPE_ numbers (in files) and DLT_ numbers (in memory) differ for a few
 * link types. Zeek uses DLT_ numbers; of those few it supports raw IP.
 */
#define DLT_OF_RAW 12 /* on Linux */

static uint32_t dlt_of(uint32_t linktype)
{
	return linktype == PKTIO_LINKTYPE_RAW ? DLT_OF_RAW : linktype;
}

static uint32_t linktype_of(uint32_t dlt)
{
	return dlt == DLT_OF_RAW ? static_cast<uint32_t>(PKTIO_LINKTYPE_RAW) :
				   dlt;
}

/* ---- Open and close ----------------------------------------------------- */

source::source(std::string name, bool live)
    : path(std::move(name)), is_live(live),
      mode(checksum_mode_for(make_uri(path, live))),
      forced_link_type(link_type_for(make_uri(path, live)))
{
}

source::~source()
{
	source::Close();
	for (auto &[index, prog] : filters)
		pktio_filter_free(&prog);
}

zeek::iosource::PktSrc *source::create(const std::string &path, bool is_live)
{
	return new source(path, is_live);
}

static std::string executable()
{
	char name[4096];
	const ssize_t n = readlink("/proc/self/exe", name, sizeof(name));

	return n > 0 ? std::string(name, static_cast<size_t>(n)) : "zeek";
}

/* Whether the text contains the word as a whole word. */
static bool contains_word(const std::string &text, const std::string &word)
{
	const auto is_word = [](char c) {
		return std::isalnum(static_cast<unsigned char>(c)) || c == '-';
	};

	for (auto at = text.find(word); at != std::string::npos;
	     at = text.find(word, at + 1)) {
		const auto end = at + word.size();

		if ((at == 0 || !is_word(text[at - 1])) &&
		    (end == text.size() || !is_word(text[end])))
			return true;
	}
	return false;
}

/* The library's message, plus the Zeek names of the options in it. */
static std::string error_message(const struct pktio_error &error,
				 const std::vector<setting> &settings)
{
	std::string text = error.text;

	for (const auto &s : settings)
		if (!s.constant.empty() && contains_word(error.text, s.option))
			text += "; option '" + s.option + "' is set to '" +
				s.value + "' by " + s.constant;
	if (error.code == -EPERM || error.code == -EACCES)
		text += "; to grant it, run after each installation of Zeek: setcap cap_net_raw+eip " +
			executable();
	return text;
}

void source::Open()
{
	const std::string uri = make_uri(path, is_live);
	const std::vector<setting> settings = make_settings(uri);
	const struct ring_share part = ring_share_of_node();
	std::vector<struct pktio_setting> list;
	struct pktio_open_args args = {};
	struct pktio_info info = {};
	struct pktio_error error = {};
	Properties opened;

	list.reserve(settings.size());
	for (const auto &s : settings)
		list.push_back({ s.option.c_str(), s.value.c_str() });
	args.size = sizeof(args);
	args.index = part.index;
	args.count = part.count;
	args.settings = list.data();
	args.nsettings = list.size();
	if (pktio_open(&ring, uri.c_str(), &args, &error) < 0) {
		Error(error_message(error, settings));
		return;
	}
	info.size = sizeof(info);
	pktio_get_info(ring, &info);
	if (!forced_link_type)
		opened.link_type = static_cast<int>(dlt_of(info.linktype));
	else
		opened.link_type = static_cast<int>(forced_link_type);
	opened.path = path;
	opened.is_live = is_live;
	delay = static_cast<double>(info.block_timeout) / NS_PER_SECOND;
	delivered = delivered_bytes = 0;
	filtering = false;
	may_have_more = true; /* frames may be buffered before the first poll */
	last = {};
	seen_link = info.link;
	seen_link_downs = seen_reattached = 0;
	if (info.link == PKTIO_LINK_DOWN)
		warn_interface("is down; waiting until it is up");
	else if (info.link == PKTIO_LINK_GONE)
		warn_interface("does not exist; waiting until it appears");
	/*
	 * Pass no descriptor: Zeek would keep it for the whole life of the
	 * source. watch() registers a descriptor that can be replaced.
	 */
	Opened(opened);
	if (IsOpen())
		watch(descriptor());
}

/* Zeek calls Close() from several places, and more than once. */
void source::Close()
{
	if (!ring)
		return;
	last = counters();
	/* Zeek must unregister the descriptor before the ring closes it. */
	watch(-1);
	Closed();
	count = next = 0;
	may_have_more = false;
	ring = pktio_close(ring);
}

/* ---- Waiting -------------------------------------------------------- */

/*
 * A descriptor that Zeek can poll. Zeek polls through libkqueue, which supports
 * files, pipes and sockets, but not an epoll descriptor.
 */
int source::descriptor() const
{
	struct pktio_info info = {};
	struct stat stat;
	const int fd = pktio_fd(ring);

	if (fd >= 0 && fstat(fd, &stat) == 0 && (stat.st_mode & S_IFMT) != 0)
		return fd;
	info.size = sizeof(info);
	return pktio_get_info(ring, &info) < 0 ? -1 : info.socket;
}

/*
 * Replaces the descriptor that Zeek polls; -1: none. Zeek gets a duplicate,
 * which stays open until Zeek unregisters it, even if the ring closes its own.
 */
void source::watch(int fd)
{
	if (watched >= 0) {
		set_registered(false);
		close(watched);
		watched = -1;
	}
	if (fd >= 0)
		watched = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (watched >= 0)
		set_registered(true);
	if (watched >= 0 && !registered) {
		close(watched);
		watched = -1;
	}
}

/* Registers the descriptor with Zeek, or unregisters it. */
void source::set_registered(bool on)
{
	if (on == registered)
		return;
	if (!on)
		zeek::iosource_mgr->UnregisterFd(watched, this);
	registered = on && zeek::iosource_mgr->RegisterFd(watched, this);
}

/* Poll intervals in seconds: of a paced file, and of a removed interface. */
#define PACED_INTERVAL 0.001
#define REMOVED_INTERVAL 0.05

double source::GetNextTimeout()
{
	if (!ring || zeek::run_state::is_processing_suspended() ||
	    zeek::run_state::pseudo_realtime != 0.0)
		return PktSrc::GetNextTimeout();
	/* The descriptor does not cover frames that are in the array already.
	 */
	if (next < count || may_have_more)
		return 0.0;
	if (registered)
		return -1.0;
	if (pktio_fd(ring) >= 0)
		return seen_link == PKTIO_LINK_GONE ? REMOVED_INTERVAL :
						      PACED_INTERVAL;
	return PktSrc::GetNextTimeout();
}

/*
 * Packets wait in the kernel for up to `delay`. Zeek must not advance its clock
 * beyond the time of such a packet.
 */
bool source::HasBeenIdleFor(double interval) const
{
	return PktSrc::HasBeenIdleFor(interval + delay);
}

/* ---- Packets ------------------------------------------------------------ */

void source::release()
{
	if (count > 0)
		pktio_release(ring, frames, count);
	count = next = 0;
}

/*
 * Zeek polls its descriptors after every ten packets, which costs as much as
 * two packets. During a long burst the descriptor is unregistered.
 */
void source::update_registration()
{
	if (!may_have_more)
		bursts = 0;
	else if (bursts < LONG_BURSTS)
		bursts++;
	if (watched >= 0)
		set_registered(bursts < LONG_BURSTS);
}

/* Receives the next burst. Closes the source at its end or after an error. */
bool source::receive()
{
	int n;

	release();
	check_link();
	n = pktio_recv(ring, frames, BURST);
	may_have_more = n > 0;
	if (n > 0)
		count = static_cast<unsigned>(n);
	if (n >= 0) {
		update_registration();
		return n > 0;
	}
	if (n != PKTIO_EOF) {
		Error(pktio_last_error(ring));
		zeek::reporter->Error("%s: %s", path.c_str(),
				      pktio_last_error(ring));
	}
	Close();
	return false;
}

static void set_vlan(zeek::Packet *pkt, const struct pktio_frame &f)
{
	const auto id = [&f](unsigned i) -> uint16_t {
		return f.vlan[i].tci & 0xfff;
	};
#if ZEEK_VERSION_NUMBER >= 80100
	const auto pcp = [&f](unsigned i) -> uint8_t {
		return f.vlan[i].tci >> 13;
	};
	const auto dei = [&f](unsigned i) -> bool {
		return f.vlan[i].tci & 0x1000;
	};
#endif

#if ZEEK_VERSION_NUMBER >= 80200
	if (f.nvlan > 0)
		pkt->vlan = zeek::Packet::VlanTag{ id(0), pcp(0), dei(0) };
	if (f.nvlan > 1)
		pkt->inner_vlan =
			zeek::Packet::VlanTag{ id(1), pcp(1), dei(1) };
#else
	if (f.nvlan > 0)
		pkt->vlan = id(0);
	if (f.nvlan > 1)
		pkt->inner_vlan = id(1);
#if ZEEK_VERSION_NUMBER >= 80100
	if (f.nvlan > 0) {
		pkt->vlan_pcp = pcp(0);
		pkt->vlan_dei = dei(0);
	}
	if (f.nvlan > 1) {
		pkt->inner_vlan_pcp = pcp(1);
		pkt->inner_vlan_dei = dei(1);
	}
#endif
#endif
}

/* True if Zeek does not need to verify the checksum. */
static bool is_checked(checksum_mode mode, const struct pktio_frame &f)
{
	switch (mode) {
	case checksum_mode::OFF:
		return true;
	case checksum_mode::KERNEL:
		return f.csum == PKTIO_CSUM_VALID ||
		       f.csum == PKTIO_CSUM_PARTIAL;
	default:
		return false;
	}
}

void source::fill_packet(const struct pktio_frame &f, zeek::Packet *pkt) const
{
	struct timeval ts;

	ts.tv_sec = static_cast<int64_t>(f.ts) / NS_PER_SECOND;
	ts.tv_usec = static_cast<int64_t>(f.ts) % NS_PER_SECOND / NS_PER_US;
	/* Init() resets every field, so set the other fields after it. */
	pkt->Init(static_cast<int>(forced_link_type ? forced_link_type :
						      dlt_of(f.linktype)),
		  &ts, f.caplen, f.wirelen, f.data);
	set_vlan(pkt, f);
	pkt->l4_checksummed = is_checked(mode, f);
}

bool source::ExtractNextPacket(zeek::Packet *pkt)
{
	if (!ring)
		return false;
	while (next < count || receive()) {
		const struct pktio_frame &f = frames[next++];

		fill_packet(f, pkt);
		if (f.caplen > 0) {
			delivered++;
			delivered_bytes += f.wirelen;
			return true;
		}
		Weird("empty_" + std::string(names.prefix) + "_header", pkt);
	}
	return false;
}

/* Zeek may call this in the middle of a burst. */
void source::DoneWithPacket()
{
	if (ring && next == count)
		release();
}

/* ---- Filters ------------------------------------------------------------ */

/*
 * For an invalid -f, scripts end Zeek only if the compiler of Zeek rejects the
 * filter. If that compiler accepts it, compile a text that it rejects.
 */
bool source::reject_filter(int index, const std::string &filter,
			   const char *why)
{
	const std::string text = "invalid filter '" + filter + "': " + why;

	if (PrecompileBPFFilter(index, filter)) {
		zeek::reporter->Error("%s: %s", path.c_str(), text.c_str());
		PrecompileBPFFilter(index, "rejected by pktio: " + filter);
	}
	Error(text);
	return false;
}

bool source::PrecompileFilter(int index, const std::string &filter)
{
	struct sock_fprog prog = {};
	struct pktio_error error = {};

	if (index < 0)
		return false;
	if (!filter.empty() &&
	    pktio_filter_compile(&prog, filter.c_str(),
				 linktype_of(static_cast<uint32_t>(LinkType())),
				 0, &error) < 0)
		return reject_filter(index, filter, error.text);
	pktio_filter_free(&filters[index]);
	filters[index] = prog;
	return true;
}

bool source::SetFilter(int index)
{
	const auto found = filters.find(index);
	const struct sock_fprog *prog;

	if (!ring || found == filters.end()) {
		Error("no compiled filter has the index " +
		      std::to_string(index));
		return false;
	}
	prog = found->second.len > 0 ? &found->second : nullptr;
	if (!prog && !filtering)
		return true;
	if (pktio_set_filter(ring, prog) < 0) {
		Error(pktio_last_error(ring));
		return false;
	}
	filtering = prog != nullptr;
	return true;
}

/* ---- Statistics and link state ------------------------------------------ */

struct pktio_stats source::counters()
{
	struct pktio_stats now = {};

	now.size = sizeof(now);
	return ring && pktio_get_stats(ring, &now) == 0 ? now : last;
}

void source::Statistics(Stats *stats)
{
	const struct pktio_stats now = counters();

	stats->received = delivered;
	stats->bytes_received = delivered_bytes;
	stats->dropped = now.dropped;
	stats->link = delivered + now.dropped + now.filtered;
	/* The kernel does not count the frames that its filter rejects. */
	if (!filtering || now.filtered > 0)
		stats->filtered = now.filtered;
}

void source::warn_interface(const char *what) const
{
	zeek::reporter->Warning("%s: interface %s", path.c_str(), what);
}

void source::report_notices()
{
	const char *notice;

	while ((notice = pktio_next_notice(ring)))
		zeek::reporter->Warning("%s: %s", path.c_str(), notice);
}

/* Reports link changes and notices; checks four times a second. */
void source::check_link()
{
	struct pktio_info info = {};
	struct pktio_stats now;
	struct timespec time;
	int64_t period;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
	period = static_cast<int64_t>(time.tv_sec) * 4 +
		 time.tv_nsec / (NS_PER_SECOND / 4);
	if (period == link_checked || seen_link == PKTIO_LINK_UNKNOWN)
		return;
	link_checked = period;
	report_notices();
	now = counters();
	info.size = sizeof(info);
	if (pktio_get_info(ring, &info) < 0)
		return;
	if (now.reattached != seen_reattached)
		warn_interface(
			"was replaced by a new interface of the same name; receiving from the new one");
	else if (info.link == seen_link && now.link_downs == seen_link_downs)
		return;
	else if (info.link == PKTIO_LINK_GONE)
		warn_interface(
			"was removed; waiting for an interface of the same name");
	else if (info.link == PKTIO_LINK_DOWN)
		warn_interface("went down; waiting until it is up");
	else
		warn_interface("went down and is up again");
	/* A duplicate of a socket whose interface is removed keeps its fanout
	 * group alive, and the group blocks the new interface. */
	if (info.link == PKTIO_LINK_GONE)
		watch(-1);
	else if (now.reattached != seen_reattached)
		watch(descriptor());
	seen_link = info.link;
	seen_link_downs = now.link_downs;
	seen_reattached = now.reattached;
}

} // namespace plugin::PKTIO_PLUGIN
